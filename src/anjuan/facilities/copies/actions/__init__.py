"""The deeds of copies: places and policies, looking and copying, repair, and what runs on the calendar."""

from anjuan.facilities.copies.actions.looking import check, check_many, replicate
from anjuan.facilities.copies.actions.mending import RepairReceipt, repair
from anjuan.facilities.copies.actions.places import attach_place, detach_place, ensure_primary, open_place, set_policy
from anjuan.facilities.copies.actions.proof import tend_proof
from anjuan.facilities.copies.actions.running import gauge, keep_up, start_replication, start_sweep

__all__ = [
    "RepairReceipt",
    "attach_place",
    "check",
    "check_many",
    "detach_place",
    "ensure_primary",
    "gauge",
    "keep_up",
    "open_place",
    "repair",
    "replicate",
    "set_policy",
    "start_replication",
    "start_sweep",
    "tend_proof",
]
