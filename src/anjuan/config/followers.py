"""All followers of the journal. One list, so that nothing follows unseen."""

from django.utils import timezone

from anjuan.facilities.notices import followers as notices
from anjuan.facilities.search import followers as search
from anjuan.foundation.journal import actions as journal
from anjuan.foundation.journal import followers as segments
from anjuan.foundation.ledger import actions as ledger

# The journal on disk comes first: what the log has committed to, a rebuild must be able to bring back.
FOLLOWERS = (segments.FOLLOWER, ledger.FOLLOWER, notices.FOLLOWER, search.FOLLOWER)


def run_once() -> int:
    """Number what waits, let each follower read it, sign a checkpoint when one is due. Returns entries taken."""
    now = timezone.now()
    journal.sequence()
    try:
        return sum(journal.follow(follower, at=now) for follower in FOLLOWERS)
    finally:  # whatever another follower stumbles over, what the log has taken is signed
        ledger.publish(at=now)
