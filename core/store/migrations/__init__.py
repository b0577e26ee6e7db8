"""Database migrations, applied by :class:`core.store.database.Database` at every start."""
