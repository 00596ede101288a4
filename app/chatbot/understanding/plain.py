"""A question in plain words: courtesies left out, and what English says in many ways put in the one that is read.

Only generic English is rewritten. Names in quotes stay as they are, and so does every word that narrows.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from app.chatbot.understanding import numbers
from app.shared.pace import STALE

_ME = r"(?:i|we)"
_OPENERS = re.compile(
    rf"""^(?:
        (?:hi|hello|hey|dear|greetings|good\s+(?:morning|afternoon|evening|day))(?:\s+(?:there|all|team|everyone|parley))?
            (?=[\s,.!:-]+\S)
        | (?:sorry|excuse\s+me|pardon(?:\s+me)?|apologies)(?:\s+(?:to\s+bother\s+you|for\s+(?:bothering|the)\s+\w+))?
            (?:\s*,?\s+but)?(?=[\s,])
        | (?:(?:just\s+)?a\s+)?quick\s+(?:one|question)\s*[,:-]
        | (?:when|if|whenever)\s+you\s+(?:have|get|find|'ve\s+got)\s+(?:a|one|some|any)\s+
            (?:moment|minute|time|sec|second|chance|idea)s?
        | if\s+(?:you\s+do(?:n't|\s+not)\s+mind|possible|i\s+may
            |it(?:'s|\s+is)\s+(?:possible|not\s+too\s+much\s+trouble))
        | (?:would|could|might|is|was|will)\s+it\s+(?:be\s+)?possible\s+(?:for\s+you\s+)?to
        | (?:would|do|could)\s+you\s+mind\s+(?:please\s+)?(?:to\s+)?
            (?:(?:tell|show|giv|check|list|find|gett?|look)ing(?:\s+(?:me|us|up|for\s+me))?)?
        | (?:do|would|might)\s+you\s+happen\s+to\s+know
        | (?:can|could|would|will)\s+(?:you|somebody|someone|anyone)\s+(?:please\s+|kindly\s+|maybe\s+|quickly\s+)?
            (?:help\s+me\s+(?:to\s+)?)?(?:tell|show|give|send|check|find|look\s+up|figure)(?:\s+(?:me|us|out))?
        | {_ME}(?:'d|\s+would|'m|\s+am|\s+was|\s+were|'re|\s+are)\s+(?:very\s+|really\s+|so\s+|just\s+|be\s+)*
            (?:grateful|glad|happy|thankful|wondering|curious|interested|keen|trying|looking)\s*
            (?:(?:if|whether)\s+(?:you|{_ME})\s+(?:could|can|would|might)\s+(?:please\s+|kindly\s+)?
                (?:(?:tell|show|give|let)\s+(?:me|us)(?:\s+know)?)?
              | to\s+(?:know|see|learn|find\s+out|hear|understand|figure\s+out) | in\s+(?:knowing|seeing)
              | about | for | if | whether)?
        | {_ME}(?:'d|\s+would)\s+(?:really\s+)?appreciate\s+(?:it\s+)?(?:if\s+you\s+(?:could|would)\s+\w+\s+me|knowing)?
    )[\s,.!:-]*""",
    re.IGNORECASE | re.VERBOSE,
)
_CLOSERS = re.compile(
    r"""(?:[\s,.!?-]+(?:(?:and\s+)?(?:many\s+)?thanks?(?:\s+(?:you|a\s+lot|so\s+much|in\s+advance|very\s+much|again))*
        | thx | please | pls | plz | if\s+possible | if\s+you\s+can | when\s+you\s+can | asap
        | for\s+me | would\s+you | could\s+you | or\s+what | do\s+you\s+know | thank\s+you.*)
        | \s*[,.!?-]+\s*(?:cheers | ta | right))[\s.!?]*$""",  # a firm may be called Cheers
    re.IGNORECASE | re.VERBOSE,
)
_EVERY = {"day": "daily", "week": "weekly", "month": "monthly", "quarter": "quarterly", "year": "yearly"}
_ROLLING = {"week": "in the last 7 days", "month": "in the last 30 days", "quarter": "in the last 3 months",
            "year": "in the last 12 months"}  # fmt: skip
_AGE = r"(\d+|\w+)\s+(days?|weeks?|months?|years?)"
_RECENT = r"(\d+|\w+)\s+(days?|weeks?|months?)"  # years are the age of what a record stands for
_MORE = r"(?:over|more\s+than|longer\s+than|older\s+than|at\s+least|>)"
_SELF = r"(?:the\s+same|their\s+current|its\s+current|the\s+current|one|their|its)"
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_LOW = r"(?P<low>[$€£¥]?\d[\d,]*(?:\.\d+)?)(?P<small>k|mn?|b|\s?thousand|\s?million)?"
_HIGH = r"(?P<high>[$€£¥]?\d[\d,]*(?:\.\d+)?)(?:\s?(?P<scale>k\b|mn?\b|bn?\b|thousand\b|million\b|mio\b))?"
_ENDS = r"\s*(?:[,?.!]|$)|\s+(?:in|this|last|since|between|during|to|for|by|,)\b"
_BUCKET = r"(?:(?:by|per|each|every)\s+(?:day|week|month|quarter|year)|daily|weekly|monthly|quarterly|yearly)\b"
_STILL = r"(?:stuck|stalled|stagnant|idle|unchanged|parked|not\s+moving|sitting\s+still|standing\s+still)"
_NOT_MOVED = (
    r"(?:that\s+|which\s+)?(?:have|has|had|did|are|is)(?:n['’]?t|\s+not)\s+(?:been\s+)?"
    r"(?:mov(?:ed?|ing)|changed?|progress(?:ed|ing)?|advanc(?:ed?|ing)|budged?)(?:\s+(?:on|forward|stages?|at\s+all))*"
)
_SPAN = rf"(?:{_MORE}\s+|(?:the\s+)?(?:last|past)\s+)?{_AGE}"
_DENIED = r"(?:n['’]?t|\bnot|\bno|\bnever|\bwithout|\bnobody|\bno\s+one)\b"
_DEED = r"(?:w[io]n|los[et]|sell|sold|close[d]?|make|made|bring\s+in|brought\s+in)"
_ELAPSED = "the days between now and"
_Rule = tuple[str, str | Callable[[re.Match[str]], str]]
_RULES: tuple[_Rule, ...] = (
    (r"\bw/o\b", "without"),
    (r"\bw/(?=\s*\w)", "with "),
    # time
    (r"\b(?:in\s+)?the\s+((?:19|20)\d)0['’]?s\b", r"between \g<1>0 and \g<1>9"),
    (r"\bin\s+the\s+['’]?([5-9])0['’]?s\b", r"between 19\g<1>0 and 19\g<1>9"),
    (rf"({_DENIED}.*?)\b(?:in|for)\s+(?:the\s+)?(?:over|more\s+than|at\s+least)\s+(?:an?|one)\s+(week|month|quarter|year)\b",
     lambda found: f"{found[1]}{_ROLLING[found[2].lower()]}"),
    (rf"({_DENIED}.*?)\b(?:in|for)\s+(?:over|more\s+than|at\s+least)\s+{_RECENT}\b", r"\1in the last \2 \3"),
    (r"(?<!how much )(?<!how many )\bmore\s+(.*?)\s*\bthis\s+(week|month|quarter|year)\s+than\s+(?:in\s+)?(?:the\s+)?"
     r"(?:last|previous|prior)"
     r"(?:\s+one|\s+\2)?(?=\s*[?.!]*$)", r"\1 this \2 vs last \2"),
    (r"^when\s+(?:was|is)\s+the\s+(last|first|most\s+recent|latest)\s+time\s+(?:that\s+)?"
     r"(?:we|i|you|someone|somebody|anyone|anybody)(?:['’]ve|\s+(?:have|had|has))?\s+", r"when did we \1 "),
    (r"^when\s+will\b", "when does"),
    (r"^(?:and\s+)?(?:how\s+(?:many\s+days|long)|days)\s+(?:is\s+it\s+|are\s+(?:there\s+)?|do\s+we\s+have\s+|have\s+we\s+got\s+)?(?:left\s+)?"
     r"(?:until|till|before)\s+", f"{_ELAPSED} when "),
    (r"^how\s+long\s+(?:has|have)\s+(.+?)\s+(?:been|sat|stayed|stood|remained)\s+(?:in|at)\s+(?:its|the|this|that|their)?\s*"
     r"(?:current\s+|same\s+)*stage\b", rf"{_ELAPSED} in stage since of \1"),
    (r"^how\s+long\s+(?:has|have)\s+(.+?)\s+been\s+open\b", rf"{_ELAPSED} when was \1 created"),
    (r"^how\s+long\s+ago\s+(?=(?:did|was|were|is|has|have)\b)", "when "),
    (r"\b(\w+s)\s+left\s+(?=for\b|to\s+(?:do|close|finish)\b)", r"open \1 "),
    (r"^how\s+old\s+(?:is|are)\s+(.+?)(?=[\s?.!]*$)", rf"{_ELAPSED} when was \1 created"),
    # numbers
    (r"(?<=\d)\s+grand\b", "k"),
    (rf"\b(between|from)\s+{_LOW}\s+(and|to)\s+{_HIGH}", numbers.scaled_range),
    (rf"(?<![\w/.-]){_LOW}\s?[-–]\s?{_HIGH}(?![\w/-])", numbers.dashed_range),
    (r"\b(day|week|month|quarter|year)[\s-]+(?:by|over|on)[\s-]+\1\b", lambda found: _EVERY[found[1].lower()]),
    (r"(?<![\d/])(0?[1-9]|1[0-2])/((?:19|20)\d\d)\b", lambda found: f"{found[2]}-{int(found[1]):02d}"),
    (rf"\bin\s+({_MONTH})\s+['’]?(2\d|3\d)\b(?!\s*(?:st|nd|rd|th|[,:/-]|of)\b|[\d.,:/-])", r"in \1 20\2"),
    (r"\b(q[1-4]|h[12])[\s/-]*['’]?\s*(\d\d)\b(?!\s*(?:%|k\b|m\b|,|\.\d))", r"\1 20\2"),
    (r"\bfy[\s-]*['’]?(?:20)?(\d\d)\b", r"fiscal year 20\1"),
    (r"\b(since|from)\s+(?:the\s+)?(?:beginning|start)\s+of\b", "since"),
    (r"\b(?:until|till|up\s+to|up\s+until|through|by)\s+(?:the\s+)?end\s+of\b", "until"),
    (rf"\b(?:from\s+|in\s+)?({_MONTH})\s*[-–—]\s*({_MONTH})\b", r"from \1 to \2"),
    (r"\bover\s+the\s+(?:last|past|previous)\b", "in the last"),
    (r"\b(?:in|over|during|within|for)\s+the\s+past\s+(week|month|quarter|year)\b",
     lambda found: _ROLLING[found[1].lower()]),
    # age
    (rf"\bopen\s+(?:for\s+)?{_MORE}\s+{_AGE}\b", r"open created before \1 \2 back"),
    (rf"\b(?:that\s+are\s+|which\s+are\s+|are\s+)?older\s+than\s+{_RECENT}\b", r"created before \1 \2 back"),
    (rf"\b(?:stuck|stalled|sitting|been|unchanged|stayed|remained|idle)\s+in\s+{_SELF}\s+stage\s+(?:for\s+)?{_MORE}\s+"
     rf"{_AGE}\b", r"open in stage since before \1 \2 back"),
    (rf"\bin\s+{_SELF}\s+stage\s+(?:for\s+)?{_MORE}\s+{_AGE}\b", r"open in stage since before \1 \2 back"),
    (rf"\b(?:stuck|stalled|sitting|been|stayed)\s+in\s+((?!the\b)[\w-]+)\s+(?:for\s+)?{_MORE}\s+{_AGE}\b",
     r"in \1 in stage since before \2 \3 back"),
    (rf"\b(?:that\s+(?:are|have\s+been)\s+|been\s+)?{_STILL}\s+(?:for\s+|since\s+)?{_SPAN}\b",
     r"open in stage since before \1 \2 back"),
    (r"\b(?:that\s+(?:are|have)\s+|are\s+(?:now\s+)?|(?:gone|going)\s+)?(?:stuck|stale|stalled|stagnant)\b(?!\s+(?:past|for|since)\b)",
     f"open in stage since before {STALE.days} days back"),
    (rf"\b{_NOT_MOVED}\s+(?:for|in)\s+{_SPAN}\b", r"open in stage since before \1 \2 back"),
    (r"\b(?:that\s+|which\s+)?(?:(?:have|has|are|is)\s+)?(?:slipped|gone|went|run|ran)\s+"
     r"(?=past\s+(?:(?:their|its|the)\s+)?(?:close|closing|due|expected)\b)", ""),
    (r"\b(?:due|set|expected|scheduled|supposed|slated)\s+to\s+close\b", "closing"),
    (r"\b(last|latest|most\s+recent|first|next)\s+contact\s+with\b", r"\1 conversation with"),
    # names
    (r"\b(\w+s|people|person|company)\s+(?:called|named)\s+(?=(?-i:[A-Z]))", r"\1 "),
    # trends and comparisons
    (rf"^how\s+(?:did|has|have|are|is|do|does)\s+(.+?)\s+(?:been\s+)?(?:going|gone|go|doing|done|looking)\b(?=.*\b{_BUCKET})",
     r"\1"),
    (r"^how\s+(?:are|is|were|was)\s+(.+?)\s+(?:spread|distributed|split|divided|broken\s+down)(?:\s+up|\s+out)?\s+"
     r"(?:across|over|among|amongst|between|by)\b", r"\1 by"),
    (r"^how\s+(?:good|bad|high|low|strong)\s+(?:is|are|was|were)\s+(?=.*\brates?\b)", "what is "),
    (r"\b(best|top|worst|strongest|weakest)[\s-]+performing\b", r"\1"),
    (r"\bdollar\s+(?=value|amount|worth|volume)", ""),
    (rf"^how\s+(?:did|has|have|does|do)\s+(.+?)\s+(?:develop|evolve|progress|trend)(?:ed|d|s)?\b(?=.*\b{_BUCKET})",
     r"\1"),
    (r"^how\s+(?:did|has|have|does|do)\s+(.+?)\s+(?:develop|evolve|progress|trend)(?:ed|d|s)?\b\s*"
     r"(?:over\s+(?:the\s+)?(?:time|months)(?:\s+of)?)?", r"monthly \1 "),
    (r"\bover\s+the\s+months(?:\s+of)?\b", "monthly in"),
    (r"^how\s+(?:does|do|did)\s+(.+?)\s+compare\s+(?:to|with|against)\s+(.+?)\s+(?:by|in\s+terms\s+of|on|in)\s+"
     r"(?!\d|the\b|q\d|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|last|this|next)(.+)", r"\1 vs \2 \3"),
    (r"^how\s+(?:does|do|did)\s+(.+?)\s+compare\s+(?:to|with|against)\s+(.+)", r"\1 vs \2"),
    (r"^how\s+(?:does|do|did)\s+(.+?)\s+and\s+(.+?)\s+compare\s+(?:by|in\s+terms\s+of|on|in)\s+(.+)",
     r"\1 vs \2 \3"),
    (r"^what\s+(?:do|does|did)\s+(.+?)\s+(?:come|amount|add\s+up|sum\s+up)\s+to\b(?:\s+(?:in\s+total|altogether))?",
     r"sum of \1"),
    (r"^who(?:m)?\s+(?:do|did)\s+we\s+know\b", "people"),
    (r"\b(best|worst|highest|lowest)\s+(win\s*rate|success\s+rate|conversion\s+rate)\s+"
     r"(?:among|amongst|of\s+all|of\s+any|across|between)\s+(?:all\s+|our\s+|the\s+)*(\w+?)s\b",
     r"which \3 has the \1 \2"),
    (r"^how\s+(?:big|large)\s+(?:is|are|was|were)\s+(.+?)\s+by\s+(?:number\s+of\s+)?(\w+)\s*\?*$", r"\2 of \1"),
    (r"^on\s+average,?\s+how\s+(?:big|large)\s+(?:is|are|was|were)\s+(.+?)\s+by\s+(?:number\s+of\s+)?(\w+)\s*\?*$",
     r"average \2 of \1"),
    (r"^rank\s+(?:the\s+|all\s+|our\s+)*(.+?)\s+by\s+(.+)$", r"\2 by \1"),
    (r"^(?:list\s+|show\s+)?(?:the\s+|all\s+|our\s+)*(\w+s)\s+(?:by|with\s+(?:their|the)|and\s+their)\s+(win\s*rates?)$",
     r"win rate by \1"),
    # what was won
    (r"\b(?:in\s+)?total\s+(won|lost)\s+(?=from|by|with|at|for|on|to)\b", r"how much \1 "),
    (rf"^how\s+(much|many)\s+more\s+((?:(?!did|does|do|has|have)\w+\s+){{0,2}})(?:did|does|do|has|have)\s+(.+?)\s+"
     rf"({_DEED})\s+than\s+(?!{_DEED}\b)(.+?)(\s+(?:in|this|last|since|during)\s.+?)?[?.!]*$",
     r"\3 vs \5 how \1 \2\4\6 by how much"),
    (rf"^how\s+(much|many)\s+more\s+((?:(?!did|does|do|has|have)\w+\s+){{0,2}})(?:did|does|do|has|have)\s+(.+?)\s+"
     rf"({_DEED})\s+((?:in|this|last)\s.+?)\s+than\s+(.+?)[?.!]*$",
     r"how \1 \2did \3 \4 \5 vs \6 by how much"),
    (r"\bhow\s+much\s+business\s+((?:have|has|had|did|do|does)\s+\w+)\s+(?:do|done|get|got)\s+(?:with|from)\b",
     r"how much \1 won from"),
    (r"\bhow\s+much\s+(?:money\s+|cash\s+)?((?:have|has|had|did|do|does)\s+(?:\w+\s+){1,3}?)(?:made|make|got|gotten|get|taken\s+in|"
     r"take\s+in)\s+(?:from|off|with|out\s+of)\b", r"how much \1won from"),
    (rf"\b(?:sold|sells?|selling)\s+(?:the\s+)?(most|least)(?={_ENDS})", r"won the \1 money"),
    (rf"\b(?:sold|sells?|selling)\s+(more|less)(?={_ENDS})", r"how much \1 won"),
    # somebody's work
    (r"\bwho\s+(?:(?:is\s+)?look(?:s|ing)?\s+after|takes?\s+care\s+of|(?:is\s+)?in\s+charge\s+of)\b", "who owns"),
    (r"\bhow\s+many\s+(?:people|persons|staff)\s+(?:do|does|did)\s+(.+?)\s+employ\b", r"total employees of \1"),
    (r"\b(?:that\s+|who\s+|which\s+)?nobody\s+(?:has\s+|had\s+|ever\s+)*(?=\w+ed\b|met\b|spoke\w*\b)", "never "),
    (r"^where\s+(?:does|do|did|is)\s+(.+?)\s+(?:work|employed)\b", r"what is the employer of \1"),
    (r"\b(works?|working|employed)\s+there\b", r"\1 at it"),
    (r"^what\s+(?:does|do)\s+((?:(?-i:[A-Z])[\w'’.-]*\s+){1,3})do\b", r"what is the job title of \1"),
    (r"^(?:is|are|was)\s+(.+?)\s+(?:behind|late)\s+(?:on|with)\s+(?:any|some|her|his|their|the|our)?\s*(\w+s)\b",
     r"overdue \2 of \1"),
    (r"\b(\w+s)\s+(?:are|is|were)\s+(?:still\s+|there\s+)?left\b(?:\s+to\s+(?:do|close|finish))?", r"open \1"),
    (r"^(?:what|anything)\s+(?:else\s+)?(?:do|should|must|can|could|ought)\s+i\s+(?:need\s+to\s+|have\s+to\s+|want\s+to\s+|to\s+)*"
     r"(?:do|work\s+on|tackle|finish|get\s+done)\s+(?:next|first|now)\b", "my next open to-do"),
    (r"^what\s+(?:else\s+)?(?:do|should|must|can|could|ought)\s+i\s+(?:still\s+)?(?:need\s+to\s+|have\s+to\s+|want\s+to\s+|to\s+)*"
     r"(?:do|work\s+on|tackle|finish|get\s+done)\b", "my open to-dos"),
    (r"^what(?:'s|\s+is|s)?\s+(?:still\s+)?(?:on\s+my\s+(?:plate|list|to-?do\s+list|todo)|left\s+to\s+do)(?:\s+for)?\b",
     "my open to-dos"),
    (r"^what(?:'s|\s+is|s)?\s+(?:my\s+)?next\s+(?:thing\s+)?(?:i\s+(?:have|need)\s+to\s+do|to\s+do)\b",
     "my next open to-do"),
)  # fmt: skip
_COMPILED = tuple((re.compile(pattern, re.IGNORECASE), plain) for pattern, plain in _RULES)
_QUOTED = re.compile(r'(["“”][^"“”]*["“”])')


def said(question: str) -> str:
    """The question as it is read."""
    text = without_courtesies(question.strip())
    if _QUOTED.search(text):
        return text
    for pattern, plain in _COMPILED:
        text = pattern.sub(plain, text)
    return text


def without_courtesies(question: str) -> str:
    """The question without greetings, apologies and thanks; itself where nothing else would be left."""
    text, before = question, ""
    while text != before:
        before, text = text, _OPENERS.sub("", text, count=1)
    closed = _CLOSERS.sub("", text)
    return closed.strip() or text.strip() or question
