"""IFBench, words:odd_even_syllables: words whose number of syllables is known."""

from __future__ import annotations

from tests.verifiers.cases.case import Case

_EVEN = """
    kama chorus features tabloid superhuman marvel secrets updates users professionals vibrant
    events issues changes tulsa values offers projects lazy movies results freeways inverse
    poppy echoes navigable ingredients dishes applications startup sailboat members capsule
    mistakes systems rubric abilities foolish albania ihnen pixel includes formidable provides
    products hammock factors delivering enthusiasts generating options transparency sunni
    clients efforts techniques faces relationships structures apex biotechnology mesa insights
    cultures mindful items platforms impressed involves teachers solving structured ethan begins
    stunning sunnis aquarium technologies shining muslims lasting characterized concerns
    introducing ticking becomes answers ensures sweatshirts celebrated snowfall wonders shadows
    utmost jelly whispers methods errors remains sparkle entertaining prioritize yemen laughing
    buildings beacon brighter ensured wondered deeper riddle abdominal outcomes guarding moments
    hiring behold sustainability implications valued honolulu artists crafted adults layton
    hungarian ukrainian regions demands charming didn't isn't wasn't hasn't hadn't doesn't
    couldn't wouldn't fox's that'll it'd well-known TV PM boxes wishes judges watches mazes
    prices ages horses wanted needed statement careful careless lately closeness rhythm prism
    chasm chaos create react playing seeing ruin guitar equal quota guesses naive neon gaudy
    table apple handle measles milestone facebook timeline algorithms simultaneously leonardo
    sanctuary oriented algiers caffeine stoic swaying rejoice fluent creamy realism
    quintessential satiety hier whomsoever useless having getting societies notepad
    underestimated added nestled pancakes veggies HTML CD
"""
_ODD = """
    verse mold roast achievements challenges amigo thief conducted flaws redacted unlocking
    solutions roam decisions ensuring testament guerre steals benefits masterpiece dime engaging
    graphs anarchist practices notable countryside exploring jumps areas symphony dinosaurs
    stitch mast gans paced visitors refreshing maintaining beats synthetic customers cans
    limerick elements stroll supporting traits languages reminded chesterfield rhapsody
    succeeded targeting predators influenced faced passionate obliterated commandos remembered
    mums focusing conditions fetch craftsmanship vigilant provoking yemeni addressing strife
    centuries principles gates cyrillic curse leisurely pros tomatoes rust invigorating
    possibilities transparent challenging curable organizations delicious sleek magical flea
    cons inclusive fake collaborating tang promises encrypted dost iconic arrested fostering
    teenagers melody protected colonies revolutionize enhancing emotions conveying destiny
    connections emily moms sincerely reflecting adelaide tapestry objectives glow sells hoon
    hain residents sorcerers builds prestigious traditions storyline obsession mastery don't
    can't won't I'll I've I'd we're cat's dog's BMW DNA walked loved freed seemed helped jumped
    scale whole guess queen quite league plague guide area idea piano radio studio curious
    serious video heroic chaotic museum alien reunion deity virtuous influence creator reaction
    medium stadium period audience twelve fifths strengths tea isle nostalgia croatia antioch
    confidentiality instantiation cretaceous eduardo disobedience archaic hue fluency ingenuity
    infectious seoul persuasion sightseeing refuel angular evelyn advancements ungrateful
    concisely powerful loss goals processing tourism fireflies tiered horsepower environmental
    nuances elegance que UNICEF aren't weren't
"""

CASES = (
    Case(
        "words:odd_even_syllables",
        {},
        passes=tuple((f"The {each}", "1 and an even number") for each in _EVEN.split()),
        fails=tuple((f"The {each}", "1 and an odd number") for each in _ODD.split()),
    ),
    Case(
        "words:odd_even_syllables",
        {},
        passes=(
            *((f"Water {each}", "2 and an odd number") for each in _ODD.split()),
            *(
                (f"{first} {each}", "either number")
                for first in ("The", "Water")
                for each in (
                    "every",
                    "fire's",
                    "fires",
                    "desired",
                    "politically",
                    "interest",
                    "liar",
                )
            ),
        ),
        fails=(
            *((f"Water {each}", "2 and an even number") for each in _EVEN.split()),
            ("Water чай", "Cyrillic"),
            ("Water tчай", "half Cyrillic"),
        ),
    ),
)
