"""Entering places, taking offline sets away and bringing them back, and setting a fonds's policy (存放地与策略)."""

from pathlib import PurePosixPath

from django.conf import settings
from django.db import IntegrityError, transaction

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Occasion, Post
from anjuan.facilities.copies import queries, rules
from anjuan.facilities.copies.models import CopyPolicy, Place
from anjuan.facilities.copies.rules import Medium, Policy
from anjuan.foundation.accounts.models import Agency
from anjuan.foundation.accounts.queries import permit
from anjuan.foundation.buckets.rules import is_address, parse_address
from anjuan.foundation.journal import actions as journal
from anjuan.records.models import Fonds

_SET_BY = (Post.KEEPER, Post.SYSTEM_ADMIN)
_OURS = ("SYSTEM", "WORKER")  # the installation itself, and the work behind the screens


def open_place(
    *,
    occasion: Occasion,
    code: str,
    name: str,
    agency_code: str,
    medium: Medium,
    site: str,
    address: str,
    is_primary: bool = False,
    is_far: bool = False,
    is_offline: bool = False,
    capacity_bytes: int | None = None,
) -> None:
    """Enter a place for copies (设立存放地).

    Args:
        occasion: who; the system administrator of that agency, or the installation.
        code: short name, part of evidence and of the place's own mark.
        name: how people call it.
        agency_code: whose place.
        medium: what the bytes lie on.
        site: where it stands, in words.
        address: a folder, relative to the archive's home or absolute, or ``s3://bucket/prefix``.
        is_primary: the store itself.
        is_far: it stands so far away that one disaster does not reach both.
        is_offline: it is a set that is taken away between two writings.
        capacity_bytes: what fits there, where the place itself cannot be asked.

    Raises:
        A-001: the actor does not administer that agency.
        N-005: the code is taken, or the address is none that can be used.
        R-009: there is no such agency.
    """
    agency = Agency.objects.filter(code=agency_code).first()
    if agency is None:
        raise Refusal("R-009", what=agency_code[:12])
    if occasion.actor.staff_code not in _OURS:
        permit(occasion.actor, agency.path, Post.SYSTEM_ADMIN)
    _check_address(code, address, is_primary=is_primary)

    with journal.writing(occasion=occasion, act="copies.open_place", unit=f"place:{code}") as line:
        try:
            with transaction.atomic():
                Place.objects.create(
                    code=code,
                    name=name,
                    agency=agency,
                    medium=medium,
                    is_primary=is_primary,
                    is_far=is_far,
                    is_offline=is_offline,
                    site=site,
                    address=address,
                    capacity_bytes=capacity_bytes,
                    opened_at=occasion.at,
                )
        except IntegrityError as error:
            raise Refusal("N-005", code=code[:20], address=address[:80]) from error
        line.say(code=code, name=name, medium=medium, site=site, far=is_far, offline=is_offline)


def _check_address(code: str, address: str, *, is_primary: bool) -> None:
    plain = code.isascii() and code.replace("-", "").isalnum() and len(code) <= 20
    if is_address(address):
        try:
            parse_address(address)
        except ValueError as error:
            raise Refusal("N-005", code=code[:20], address=address[:80]) from error
    else:
        plain = plain and bool(address.strip()) and ".." not in PurePosixPath(address).parts
    # A copy inside the store, or two places in one folder, would be one copy that is counted twice.
    taken = {row.address.rstrip("/") for row in queries.places()} | ({"store"} if not is_primary else set())
    if not plain or address.rstrip("/") in taken:
        raise Refusal("N-005", code=code[:20], address=address[:80])


def ensure_primary(*, occasion: Occasion) -> bool:
    """Enter the store itself as the primary place, once there is an agency to own it. Returns whether it was entered.

    Concurrency: of two who do so at once the second is told that the code is taken, and leaves it.
    """
    root = Agency.objects.filter(parent=None).order_by("pk").first()
    if root is None or queries.primary() is not None:
        return False
    address = str(getattr(settings, "ANJUAN_STORE", "") or "store")
    open_place(
        occasion=occasion,
        code="local",
        name="主存储库",
        agency_code=root.code,
        medium=Medium.OBJECT_STORE if is_address(address) else Medium.DISK,
        site=root.name,
        address=address,
        is_primary=True,
    )
    return True


def detach_place(*, occasion: Occasion, code: str, label: str, lies_at: str) -> None:
    """Take an offline set away (离线下架): from now on it counts by its last verification.

    Args:
        occasion: who; the keeper or system administrator of its agency.
        code: which place.
        label: what is written on the medium.
        lies_at: where it lies.

    Raises:
        A-001, R-009: as the other deeds here.
        N-006: it is no offline set, or it is away already.
    """
    _permit(occasion, code)

    with journal.writing(occasion=occasion, act="copies.detach_place", unit=f"place:{code}") as line:
        away = Place.objects.filter(code=code, is_offline=True, detached_at=None)
        if (
            not label.strip()
            or not lies_at.strip()
            or away.update(detached_at=occasion.at, label=label, lies_at=lies_at, unreachable_since=None) != 1
        ):
            raise Refusal("N-006", place=code)
        line.say(label=label, lies_at=lies_at)


def attach_place(*, occasion: Occasion, code: str, address: str = "") -> None:
    """Bring an offline set back, mounted at a folder (离线上架): it is swept and brought up to date again.

    Raises:
        A-001, R-009: as the other deeds here.
        N-006: it is not away, or what is mounted there is another set.
    """
    row = _permit(occasion, code)
    if address:
        _check_address(code, address, is_primary=False) if address.rstrip("/") != row.address.rstrip("/") else None

    with journal.writing(occasion=occasion, act="copies.attach_place", unit=f"place:{code}") as line:
        away = Place.objects.filter(code=code, detached_at__isnull=False)
        if away.update(detached_at=None, address=address or row.address) != 1:
            raise Refusal("N-006", place=code)
        if not queries.shelf(code).stands():
            raise Refusal("N-006", place=code)
        line.say(address=address or row.address)


def set_policy(*, occasion: Occasion, fonds_code: str, policy: Policy, basis: str) -> None:
    """Set what a fonds asks of its copies (设定副本策略).

    Args:
        occasion: who; the keeper or system administrator of the fonds's agency.
        fonds_code: which fonds.
        policy: how many copies, kinds of medium and far ones.
        basis: why, such as the number of the decision.

    Raises:
        A-001: the actor has no such post over the fonds.
        N-007: the policy cannot be met by anything, or no reason is given.
        R-009: there is no such fonds.
    """
    fonds = Fonds.objects.filter(code=fonds_code).select_related("agency").first()
    if fonds is None:
        raise Refusal("R-009", what=fonds_code[:8])
    permit(occasion.actor, fonds.agency.path, *_SET_BY)
    rules.check_policy(policy)
    if not basis.strip():
        raise Refusal("N-007", copies=policy.copies, media=policy.media, far=policy.far, most=rules.MOST_COPIES)

    with journal.writing(occasion=occasion, act="copies.set_policy", unit=f"fonds:{fonds_code}") as line:
        before = queries.policy_of(fonds.pk)
        CopyPolicy.objects.update_or_create(
            fonds=fonds,
            defaults={
                "copies": policy.copies,
                "media": policy.media,
                "far": policy.far,
                "basis": basis[:200],
                "set_by": occasion.actor.staff_code,
                "set_at": occasion.at,
            },
        )
        line.say(
            was=f"{before.copies}/{before.media}/{before.far}",
            now=f"{policy.copies}/{policy.media}/{policy.far}",
            basis=basis,
        )


def _permit(occasion: Occasion, code: str) -> queries.PlaceRow:
    row = queries.get_place_for(occasion.actor, code)
    permit(occasion.actor, row.agency_path, *queries.ACTORS)
    return row
