"""Records that are kept closed (演示城市的受控材料): marked, asked for, given, declined, by the deeds of people."""

from collections.abc import Callable

from anjuan.core.terms import Occasion, Secrecy, State
from anjuan.facilities.secrecy import actions
from anjuan.records import queries as records

OFFICER, READER, KEEPER = "sj91", "sj05", "sj12"
MEDICAL = "含工伤职工病历和鉴定材料（演示）"


def enter(by: Callable[[str], Occasion]) -> int:
    """Mark the last four items of the holdings, and decide on what is asked. Returns how many are restricted."""
    rows = records.items_visible_to(by(KEEPER).actor).filter(state=State.HELD).order_by("-reference_code", "-urn")
    asked, given, declined, secret = rows.values_list("urn", flat=True)[:4]
    for urn in (asked, given, declined):
        actions.mark(occasion=by(OFFICER), item_urn=urn, secrecy=Secrecy.SENSITIVE, reason=MEDICAL)
    actions.mark(occasion=by(OFFICER), item_urn=secret, secrecy=Secrecy.SECRET, reason="专案材料（演示）")
    actions.ask_leave(occasion=by(READER), item_urn=asked, reason="复核工伤待遇，需看鉴定结论（演示）", days=3)
    leave = actions.ask_leave(occasion=by(READER), item_urn=given, reason="本人申请复印病历（演示）", days=2)
    actions.give_leave(occasion=by(OFFICER), uid=leave, days=2)
    doubted = actions.ask_leave(occasion=by(KEEPER), item_urn=declined, reason="看看（演示）", days=5)
    actions.decline_leave(occasion=by(OFFICER), uid=doubted, answer="未说明办理事项，请写明用途（演示）")
    return 4
