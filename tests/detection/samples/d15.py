"""D15: sensitive data in titles."""

from tests.detection.builders import FAIL, UNSURE, Sample, item, volume
from tests.detection.reading import said, told

SAMPLES = (
    Sample("good", volume()),
    Sample("a citizen number", volume(item(1, title="张建国（110101196501010018）退休审批")), (FAIL,)),
    Sample("a bank card", volume(item(1, title="退休金发放账号6222020200012345670")), (FAIL,)),
    Sample("an illness", volume(item(1, title="张建国恶性肿瘤提前退休审批")), (UNSURE,)),
    Sample("a mark of secrecy with its term", told(said(text="秘密★10年\n关于调整待遇的通知")), (FAIL,)),
    Sample("a mark of secrecy alone", told(said(text="机密\n关于调整待遇的通知")), (UNSURE,)),
    Sample("a promise of secrecy", told(said(text="保守国家秘密\n秘密不得外泄")), (), True),
    Sample(
        "its own acceptance number",
        volume(item(1, acceptance_no="202403050000123", title="退休审批202403050000123")),
        (),
        True,
    ),
    Sample("a long number that is no card", volume(item(1, title="批次号202403050000123456")), (), True),
)
