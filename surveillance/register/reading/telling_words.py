"""The words that deny a mention, put it into the past, doubt it, or say what it was sold as.

A word that *tells* opens a reach; *carried* words are those it reaches over before its first
mention. :mod:`surveillance.register.reading.negation` says how far a reach goes.
"""

from surveillance.register.names import JOINING_WORDS, pair_set, word_set

DENYING = word_set(
    "no not negative neg denies denied denying deny without never nil non none neither nor "
    "absent cannot didn doesn don hadn hasn haven isn wasn weren aren couldn wouldn excludes "
    "excluding undetectable undetected unlikely zero nothing lack lacks lacked unable failed "
    "fails allergic allergy allergies intolerant intolerance unrelated"
)
DENYING_PAIRS = pair_set(
    "free of, free from, absence of, ruled out, rules out, rather than, instead of, clear of, "
    "devoid of, argues against, evidence against, speaks against"
)
CANNOT = pair_set("can t, won t")
INTOLERANT = word_set("allergic allergy allergies intolerant intolerance")
CARRIED_DENIAL = word_set(
    "for of to on in any the a an it that this there as at use used uses using take taken takes "
    "taking tried trying having had has have be been being was were is are evidence history "
    "sign signs presence present trace traces recent current currently recently longer more "
    "other further illicit illegal recreational drug drugs substance substances test tests "
    "tested testing screen screened screening known indication suggestion suspicion suspected "
    "exposure ingestion ingested ingest ingesting consume consumed consuming consumption inject "
    "injected injecting smoke smoked smoking snort snorted sniffed swallowed drink drank "
    "drinking drunk misuse abuse detectable detect detected detection identify identified find "
    "found reveal revealed reveals show showed shown demonstrate demonstrated yield yielded "
    "note noted report reported mention mentioned reference positive acute overdose toxicity "
    "intoxication poisoning due caused cause by related linked consistent attributable from "
    "contain contains containing contained contributing contribution involvement involving "
    "significant level levels quantity quantities amount amounts concentrations her his their "
    "he she they i we patient ever anything anyone one seen saw see him them witnessed such "
    "like including prescribed buy bought and or with suggest suggests suggesting indicate "
    "indicates indicating prove proving support supporting intoxicated influenced influence "
    "under affected access prescription contact tox toxicology metabolites traceable"
)
# "cannot exclude fentanyl" and "not ruled out" deny nothing; "not only" and "no doubt" neither.
EXCLUDING = word_set("exclude excluded excluding rule ruled")
UNDONE = EXCLUDING | INTOLERANT | word_set("doubt doubts only just merely dispute question")
OTHER_THAN = pair_set("other than, apart from, aside from")

PAST_WORDS = word_set(
    "remote remotely prior previous previously past former formerly ex chronic lifelong "
    "lifetime distant longstanding withdrawing withdrew historical historic stopped quit ceased "
    "abstinent abstaining abstained abstinence sober clean recovering recovered detox detoxed "
    "detoxification rehab rehabilitation"
)
# They reach over all of their clause, whatever it says.
PAST_HEADINGS = pair_set(
    "history of, hx of, h o, medical history, drug history, substance history, past history, "
    "psychiatric history, longstanding history, history includes, history including, known "
    "history, history significant, history notable, history remarkable"
)
PAST_NOTES = word_set("hx pmh pmhx")
PAST_PAIRS = pair_set(
    "used to, long term, gave up, given up, giving up, been off, stayed off, come off, came off"
)
# They say nothing of an intoxication: "remote fentanyl toxicity" is a present cause.
UNDONE_BY_EVENT = word_set("chronic remote remotely longstanding")
CARRIED_PAST = word_set(
    "of use used uses using user abuse abused abuser misuse misused dependence dependency "
    "dependent addiction addicted addict disorder drug drugs substance substances polysubstance "
    "intravenous iv ivdu injecting injection injected inject recreational illicit illegal heavy "
    "remote prior previous past former multiple several and or with taking from off on the a an "
    "known long term daily regular occasional intermittent medical her his their to be been "
    "have being for significant notable multi poly smoking smoke medication prescribed take "
    "drink sniff snort"
)
# A name that is a standing condition by itself; "acute and chronic alcoholism" is more.
CONDITIONS = word_set("alcoholism ethanolism")
PRESENT = word_set(
    "acute acutely recent recently current currently active ongoing now today tonight yesterday "
    "presented presents presenting found admitted took taken takes ingested overdose overdosed "
    "intoxication intoxicated toxicity positive detected collapsed died last since relapsed "
    "relapse lapsed"
)
HAPPENED = word_set("toxicity toxicities intoxication intoxications overdose overdoses poisoning")
USES = word_set("use abuse misuse dependence addiction disorder user abuser")

PROBABLE_WORDS = word_set(
    "probable probably possible possibly suspected suspect suspects suspicion likely presumed "
    "presumptive presumably apparent apparently questionable query believed thought may might "
    "exclude alleged allegedly reportedly"
)
RULE_OUT = ("r", "o")
CARRIED_PROBABLE = word_set(
    "of use used using acute mixed drug drugs toxicity intoxication overdose poisoning combined "
    "recent the a an to be been have has had taken taking due ingestion effects effect with and "
    "or by for is was out rule o multiple polydrug substance illicit additional"
)

SOLD_AS = pair_set(
    "sold as, off as, marketed as, advertised as, labelled as, labeled as, packaged as, bought as"
)
# What was expected was not there only where the text goes on to say what was.
EXPECTED = word_set(
    "expected expecting believed believing thought intended supposed purported assumed"
)
CARRIED_EXPECTED = word_set("a an the to be been it that was were they take taking buy buying of")
CONTRASTS = word_set("but instead actually contained contains proved turned transpired however")

FREE_STANDING_LIST = JOINING_WORDS | word_set("any of use using other the")
PAIRS = DENYING_PAIRS | CANNOT | PAST_HEADINGS | PAST_PAIRS | SOLD_AS | {RULE_OUT}
PAIR_BEGINS = frozenset(first for first, _ in PAIRS)
SINGLE = DENYING | PAST_WORDS | PAST_NOTES | PROBABLE_WORDS | EXPECTED


def _rarer(pair: tuple[str, str]) -> str:
    return "history" if "history" in pair else max(pair, key=len)


# A text without the rarer word of a pair need not be read for the pair.
FORWARD = SINGLE | CONDITIONS | frozenset(map(_rarer, PAIRS))
