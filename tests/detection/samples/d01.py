"""D01: catalogue and image."""

from dataclasses import replace

from tests.detection.builders import FAIL, OTHER, PERSON, UNIT, UNSURE, Sample
from tests.detection.reading import field, number, said, told

TYPO = PERSON.id_number[:12] + OTHER.id_number[12:]  # somebody's, and not this person's
SAMPLES = (
    Sample("good", told(said())),
    Sample(
        "another number, the same name",
        told(
            said(
                citizens=(number("110101196502020029"),),
                fields=(field("PERSON", PERSON.name),),
                text=f"姓名{PERSON.name}",
            )
        ),
        (FAIL,),
    ),
    Sample(
        "another name, the same number", told(said(fields=(field("PERSON", "赵铁柱"),), text=PERSON.id_number)), (FAIL,)
    ),
    Sample(
        "a letter of the name, read badly",
        told(said(fields=(field("PERSON", "张建田", 0.97),), text=PERSON.id_number)),
        (UNSURE,),
    ),
    Sample(
        "another name with no letter in common, read a little badly",
        told(said(fields=(field("PERSON", "赵铁柱", 0.87),), text=PERSON.id_number)),
        (FAIL,),
    ),
    Sample(
        "the same name in the other script",
        told(
            said(fields=(field("PERSON", "黃強", 0.8),), text=f"姓名黃強{PERSON.id_number}"),
            subjects=(replace(PERSON, name="黄强"),),
        ),
        (),
        True,
    ),
    Sample(
        "another unit of the same trade",
        told(
            said(fields=(field("UNIT", "演示市华新电子科技有限公司"),), text=UNIT.credit_code),
            subjects=(replace(UNIT, name="演示市长河电子科技有限公司"),),
        ),
        (FAIL,),
    ),
    Sample(
        "the unit without its place",
        told(
            said(fields=(field("UNIT", "津南机械厂"),), text="津南机械厂" + UNIT.credit_code),
            subjects=(replace(UNIT, name="演示市津南机械厂"),),
        ),
        (UNSURE,),
    ),
    Sample(
        "a number whose check digit is wrong",
        told(said(citizens=(number(PERSON.id_number[:-1] + "7", False),), text=PERSON.name)),
        (UNSURE,),
    ),
    Sample(
        "another unit",
        told(said(fields=(field("UNIT", "演示市百川家具有限公司"),), text=UNIT.credit_code), subjects=(UNIT,)),
        (FAIL,),
    ),
    Sample(
        "the unit's full name",
        told(
            said(fields=(field("UNIT", "演示市津南机械厂"),), text="演示市津南机械厂" + UNIT.credit_code),
            subjects=(UNIT,),
        ),
        (),
        True,
    ),
    Sample(
        "somebody else altogether is another fault",
        told(said(citizens=(number(OTHER.id_number),), fields=(field("PERSON", OTHER.name),), text=OTHER.name)),
        (),
        True,
    ),
    Sample("on the second page of the form", told(said(fields=(), citizens=(), text="申请表"), said()), (), True),
    Sample(
        "another stands beside",
        told(
            said(
                fields=(field("PERSON", PERSON.name), field("PERSON", OTHER.name)),
                citizens=(number(OTHER.id_number), number(PERSON.id_number)),
            )
        ),
        (),
        True,
    ),
    Sample(
        "a form of many", told(said(citizens=(number(OTHER.id_number),), text="名册"), concerns_many=True), (), True
    ),
    Sample("hardly read", told(said(sure=0.6, fields=(field("PERSON", "赵铁柱", 0.6),), text="")), (), True),
    Sample(
        "the old number of fifteen figures",
        told(said(), subjects=(replace(PERSON, id_number=PERSON.id_number[:6] + PERSON.id_number[8:17]),)),
        (),
        True,
    ),
)
