"""The root key's file: whole and its owner's alone, or one sentence that says what is wrong; and what is made of it."""

from __future__ import annotations

import hmac
import os
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from iop_es.engine.keys import ROOT_BYTES, Keyring, KeysUnusable, open_keyring

ROOT = bytes(range(32))


def made_from(root: bytes, purpose: str) -> bytes:
    """HKDF-SHA256 of RFC 5869 by hand: no salt, one block."""
    first = hmac.digest(hmac.digest(bytes(32), root, "sha256"), f"iop-es/{purpose}".encode() + b"\x01", "sha256")
    return first[:32]


def public_key(path: Path) -> str:
    """What another process makes of the file."""
    return open_keyring(path).public_key("somebody", 1)


def test_a_missing_file_is_made_whole_and_for_its_owner_alone(tmp_path: Path) -> None:
    """With its folders, 32 random bytes, mode 600, and nothing else left beside it; then it is the one that counts."""
    path = tmp_path / "new" / "folder" / "root.key"
    first = open_keyring(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(path.read_bytes()) == ROOT_BYTES
    assert list(path.parent.iterdir()) == [path]
    assert open_keyring(path).public_key("somebody", 1) == first.public_key("somebody", 1)
    assert open_keyring(tmp_path / "other").public_key("somebody", 1) != first.public_key("somebody", 1)


def test_processes_that_make_it_at_once_have_one(tmp_path: Path) -> None:
    """Whoever comes second takes what the first one made."""
    path = tmp_path / "root.key"
    with ProcessPoolExecutor(8, mp_context=get_context("fork")) as processes:
        assert len(set(processes.map(public_key, [path] * 40))) == 1
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o666])
def test_a_file_that_others_can_open_is_refused(tmp_path: Path, mode: int) -> None:
    """The sentence names the file and its mode, and what to do; never a byte of it."""
    path = tmp_path / "root.key"
    path.write_bytes(ROOT)
    path.chmod(mode)
    with pytest.raises(KeysUnusable, match=rf"{path} \(its mode is {mode:o}, not 600\).*IOP_ES_ROOT_KEY") as refused:
        open_keyring(path)
    assert ROOT.hex() not in str(refused.value)


@pytest.mark.parametrize("length", [0, 31, 33, 1_000_000])
def test_a_file_of_another_length_is_refused(tmp_path: Path, length: int) -> None:
    """An empty or a torn file makes no key."""
    path = tmp_path / "root.key"
    path.write_bytes(b"\x01" * length)
    path.chmod(0o600)
    with pytest.raises(KeysUnusable, match="it has another length"):
        open_keyring(path)


def test_what_cannot_be_read_or_made_is_said_in_one_sentence(tmp_path: Path) -> None:
    """A folder in its place, a link to nowhere, a file where its folder should be."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    (tmp_path / "file").write_text("")
    for path, why in (("folder", "Is a directory"), ("link", "No such file"), ("file/root.key", "File exists")):
        with pytest.raises(KeysUnusable, match=why):
            open_keyring(tmp_path / path)
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_is_not_writable_is_said_in_one_sentence(tmp_path: Path) -> None:
    """As in a container whose file system is read-only."""
    tmp_path.chmod(0o500)
    with pytest.raises(KeysUnusable, match="Permission denied"):
        open_keyring(tmp_path / "root.key")


def test_each_person_and_number_has_a_key_of_its_own() -> None:
    """Made by HKDF from the root, so that another implementation makes the same; the root shows nowhere."""
    keyring = Keyring(ROOT)
    seed = made_from(ROOT, "signing:somebody:1")
    key = Ed25519PrivateKey.from_private_bytes(seed)
    assert keyring.public_key("somebody", 1) == key.public_key().public_bytes_raw().hex()
    assert keyring.signing("somebody", 1)(b"words") == key.sign(b"words").hex()
    assert len({keyring.public_key(person, number) for person in ("a", "b") for number in (1, 2, 11)}) == 6
    assert keyring.salts([b"words"]) == [hmac.digest(made_from(ROOT, "salt"), b"words", "sha256").hex()]
    assert ROOT.hex() not in repr(keyring)
    assert repr(ROOT) not in repr(keyring)


def test_a_mac_is_known_again_for_its_purpose_and_data_only() -> None:
    """16 bytes; another purpose, other data or another root have another."""
    keyring = Keyring(ROOT)
    mac = keyring.mac("challenge", b"data")
    assert mac == hmac.digest(made_from(ROOT, "mac:challenge"), b"data", "sha256")[:16]
    assert keyring.knows("challenge", b"data", mac)
    assert not keyring.knows("other", b"data", mac)
    assert not keyring.knows("challenge", b"more", mac)
    assert not keyring.knows("challenge", b"data", mac[:15])
    assert not Keyring(bytes(32)).knows("challenge", b"data", mac)
