"""What several tests of the store ask of it."""

from core.store import Store


def bytes_of(store: Store, token: str) -> bytes:
    """The bytes of a project's data file."""
    return store.artifacts.read(store.needed_upload(token).path)
