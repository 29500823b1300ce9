"""D10: pages of somebody else."""

from dataclasses import replace

from tests.detection.builders import CARD, FAIL, MAIN, OTHER, PERSON, UNSURE, Sample
from tests.detection.reading import field, number, said, told

STRANGER = said(citizens=(number(OTHER.id_number),), fields=(field("PERSON", OTHER.name),), text=OTHER.name)
NOBODY = said(citizens=(), fields=(), text="收据")
SAMPLES = (
    Sample("good", told(said())),
    Sample("somebody else", told(STRANGER), (FAIL,)),
    Sample("another's card", told(STRANGER, material="CARD"), (FAIL,)),
    Sample("only another's name", told(replace(STRANGER, citizens=()), material="CARD"), (UNSURE,)),
    Sample(
        "a marriage certificate",
        told(STRANGER, material="KIN", materials=(MAIN, replace(CARD, code="KIN", name="配偶结婚证复印件"))),
        (UNSURE,),
        True,
    ),
    Sample(
        "both are named",
        told(
            said(
                citizens=(number(OTHER.id_number),),
                fields=(field("PERSON", OTHER.name),),
                text=OTHER.name + PERSON.name,
            )
        ),
        (),
        True,
    ),
    Sample("nobody is named", told(NOBODY, material="CARD"), (), True),
    Sample("a list of many", told(STRANGER, concerns_many=True), (), True),
    Sample("few letters", told(replace(STRANGER, letters=9)), (), True),
)
