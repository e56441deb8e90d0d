"""An 835 file from beginning to end; whatever is wrong with a part of it, the rest goes on."""

from __future__ import annotations

from hashlib import sha256

from iop_es.remittance.books import Books
from iop_es.remittance.elements import Fault
from iop_es.remittance.interchange import read
from iop_es.remittance.keeping import Door, Keeper
from iop_es.remittance.reading import remittance_of
from iop_es.remittance.remitted import Remitted
from iop_es.remittance.summary import Imported

KIND = "835"


def import_file(door: Door, name: str, data: bytes) -> Imported:
    """Orders what a file says, keeps what of it is unmatched, and tells both."""
    keeper = Keeper(door, Books(door.log), "835", name, sha256(data).hexdigest())
    interchange = read(data)
    ours = [one for one in interchange.transactions if one.kind == KIND]
    remittances = [Remitted(keeper, remittance_of(one, interchange.component)).take() for one in ours]
    for fault in interchange.faults or ([] if ours else [Fault("no-835", "ST01")]):
        keeper.leave("file", fault, [keeper.digest, fault.place])
    return Imported(name, remittances, keeper.left)
