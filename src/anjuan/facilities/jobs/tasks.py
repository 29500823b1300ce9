"""One chunk of a job, as the queue knows it."""

import logging
import secrets

from django.db import OperationalError
from django.utils import timezone
from django_tasks import task

from anjuan.core.refusals import Refusal
from anjuan.core.terms import Actor
from anjuan.facilities.jobs import actions
from anjuan.foundation.accounts import occasions

log = logging.getLogger(__name__)

WORKER = Actor("WORKER", "WORKER", "", "")  # who ends a job in the journal: no person does


@task()
def run_chunk(uid: str, chunk_no: int) -> None:
    """Do one chunk. What nobody foresaw ends the job with a number to quote, never with a row that says nothing."""
    token = secrets.token_hex(16)
    try:
        actions.run_chunk(occasion=occasions.now(WORKER), uid=uid, chunk_no=chunk_no, token=token, clock=timezone.now)
    except OperationalError:
        # The database was away: nothing is wrong with the job, and the chunk is put back when its worker stays silent.
        log.exception("job %s lost its database", uid)
        raise
    except Exception as fault:
        number = secrets.token_hex(4).upper()
        log.exception("job %s stumbled: %s", uid, number)
        reason = Refusal("Y-006", fault=type(fault).__name__, number=number)
        actions.fail(occasion=occasions.now(WORKER), uid=uid, token=token, reason=reason)
