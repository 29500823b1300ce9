"""D15: sensitive data in titles."""

from tests.detection.builders import FAIL, UNSURE, Sample, item, volume

SAMPLES = (
    Sample("good", volume()),
    Sample("a citizen number", volume(item(1, title="张建国（110101196501010018）退休审批")), (FAIL,)),
    Sample("a bank card", volume(item(1, title="退休金发放账号6222020200012345670")), (FAIL,)),
    Sample("an illness", volume(item(1, title="张建国恶性肿瘤提前退休审批")), (UNSURE,)),
    Sample(
        "its own acceptance number",
        volume(item(1, acceptance_no="202403050000123", title="退休审批202403050000123")),
        (),
        True,
    ),
    Sample("a long number that is no card", volume(item(1, title="批次号202403050000123456")), (), True),
)
