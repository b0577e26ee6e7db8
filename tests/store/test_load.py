"""What was read of an upload is kept, and read again only where it is not there."""

from core.store import Store, load_dataset
from core.store.load import read_here
from core.store.projects import token_folder


def test_what_was_read_is_kept_beside_the_file_and_goes_with_it(store: Store) -> None:
    token = store.create_project().token

    def never(content: bytes, name: str) -> bytes:
        raise AssertionError("it is read once only")

    first = store.save_upload(token, "a.csv.gz", b"no table at all", table=read_here(b"ads,y\n1,2\n3,4\n", "a.csv"))
    store.set_column(token, "ads", kind="real", unit="EUR")
    dataset = load_dataset(store, token, never)
    assert (dataset.rows, dataset.column("ads").kind, dataset.column("ads").unit) == (2, "real", "EUR")
    second = store.save_upload(token, "b.csv", b"x\n1\n")
    assert store.table(first) is None
    assert not store.artifacts.exists(first.path)
    assert store.table(second) is None
    store.save_upload(token, "c.csv", b"x\n1\n", table=read_here(b"x\n1\n", "c.csv"))
    store.delete_project_data(token)
    assert not store.artifacts.exists(token_folder(token))


def test_a_file_of_an_earlier_version_is_read_once_and_then_kept(store: Store) -> None:
    token, reads = store.create_project().token, list[str]()

    def read(content: bytes, name: str) -> bytes:
        reads.append(name)
        return read_here(content, name)

    upload = store.save_upload(token, "a.csv", b"ads\n1\n2\n")
    found = {load_dataset(store, token, read).fingerprint for _ in range(3)}
    assert (len(found), reads) == (1, ["a.csv"])
    store.keep_table(upload, b"damaged")
    assert {load_dataset(store, token, read).fingerprint for _ in range(3)} == found
    assert reads == ["a.csv", "a.csv"]
    other = store.save_upload(token, "b.csv", b"ads\n1\n2\n")
    store.keep_table(upload, read_here(b"ads\n9\n", "a.csv"))  # of a file that was replaced meanwhile
    assert store.table(upload) is None
    assert store.upload(token) == other
