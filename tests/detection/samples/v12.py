"""V12: titles."""

from tests.detection.builders import FAIL, Sample, dossier, volume

SAMPLES = (
    Sample("good", volume()),
    Sample("too short", volume(title="2024年"), (FAIL,)),
    Sample("no year", volume(title="河西分中心退休审批材料"), (FAIL,)),
    Sample("vague", volume(title="河西分中心2024年其他材料"), (FAIL,)),
    Sample("endless", volume(title="河西分中心2024年" + "退休" * 60), (FAIL,)),
    Sample("the year in Chinese", volume(title="河西分中心二〇二四年退休审批材料"), (), True),
    Sample("a dossier goes by its person", dossier(title="张建国退休人员档案"), (), True),
)
