"""Generic English as tables: phrases by the part that they play in a question, divided by bars."""

# fmt: off

TABLE: dict[tuple[str, object], str] = {
    ("count", None): """
        how many | number of | numbers of | count | count of | counts | how often | total number of |
        total count of | nr of | tally | quantity of | the count | how mny | how manny | how may | hw many |
        howmany | no of | cnt | nbr of | what quantity of
    """,
    ("sum", None): """
        total | totals | sum | sum of | sum up | add up | combined | overall | altogether | in total |
        total of | summed | totalling
    """,
    ("much", None): "how much",
    ("avg", None): "average | averages | avg | mean | on average | average of | typical | ave",
    ("median", None): "median | median of | medians",
    ("weighted", None): "weighted | probability weighted | weighted by probability | risk adjusted",
    ("min", None): "minimum | min | minimum of",
    ("max", None): "maximum | max | maximum of",
    ("sup", ("desc", "level")): "highest | greatest | high | priciest | most expensive | most valuable",
    ("sup", ("asc", "level")): "lowest | cheapest | least valuable",
    ("sup", ("desc", "size")): "largest | biggest | big | major | huge",
    ("sup", ("asc", "size")): "smallest | tiniest",
    ("sup", ("desc", "most")): "most | the most | most of the",
    ("sup", ("asc", "most")): "least | fewest | the least | the fewest",
    ("sup", ("desc", "rank")): "top | best | leading | strongest",
    ("sup", ("asc", "rank")): "bottom | worst | weakest",
    ("sup", ("desc", "time")): "latest | newest | most recent | most recently | last | recent | youngest",
    ("sup", ("asc", "time")): "oldest | earliest | first | longest ago",
    ("next", None): """
        next | upcoming | coming up | soonest | up next | planned next | planned | lined up | still ahead |
        in the diary
    """,
    ("late", None): """
        overdue | over due | past due | late | running late | behind schedule | past their due date |
        past its due date | past the due date | past their deadline | past the deadline |
        past their close date | past its close date | past the close date | past close date | past due date |
        past their closing date | should have closed already | should have closed by now |
        should have closed | should have been closed | should already be closed | should be closed by now |
        should have been done | should have been done already | should be done by now |
        should have been done by now
    """,
    ("by", None): """
        by | per | for each | for every | by each | grouped by | group by | split by | broken down by |
        break down by | each | in each | breakdown by | breakdown per | break it down by | split it by |
        every | sliced by | segmented by | of each | from each | and by | sorted into | broken out by |
        break that down by | split that by | group that by | group them by | group it by | split them by |
        at each | to each | on each | and per
    """,
    ("breakdown", None): """
        breakdown | breakdown of | distribution | distribution of | split | broken down | split of |
        overview of
    """,
    ("sort", None): """
        sorted by | ordered by | order by | sort by | ranked by | rank by | in order of | according to |
        measured by | in terms of
    """,
    ("order", "asc"): """
        ascending | asc | in ascending order | lowest first | smallest first | low to high | from low to high |
        from lowest to highest | lowest to highest | cheapest first | oldest first | earliest first
    """,
    ("order", "desc"): """
        descending | desc | in descending order | highest first | largest first | biggest first | high to low |
        from high to low | from highest to lowest | highest to lowest | newest first | latest first
    """,
    ("bucket", "day"): "daily | day | days",
    ("bucket", "week"): "weekly | week | weeks",
    ("bucket", "month"): "monthly | month | months",
    ("bucket", "quarter"): "quarterly | quarter | quarters",
    ("bucket", "year"): "yearly | annually | year | years",
    ("trend", None): """
        trend | trends | trend of | over time | development | development of | evolution | evolution of |
        trend in | trend for | trendline
    """,
    ("vs", None): "vs | versus | compared to | compared with | against | in comparison to | v",
    ("gap", None): "by how much | by how many",
    ("ordinal", 2): "second | 2nd",
    ("ordinal", 3): "third | 3rd",
    ("ordinal", 4): "fourth | 4th",
    ("ordinal", 5): "fifth | 5th",
    ("elapsed", None): "the days between now and",
    ("cause", None): "because of | due to | owing to | on account of",
    ("compare", None): "compare | comparison | comparison of | comparison between",
    ("comparative", "desc"): "more | higher | bigger | larger | better | greater",
    ("comparative", "asc"): "fewer | less | lower | smaller | worse",
    ("and", None): "and | as well as | plus | &",
    ("or", None): "or | and or",
    ("not", None): """
        everything but | everything except | anything but | anything except |
        neither | not | non | never | anyone but | anyone except | anyone other than | anybody but |
        anybody other than | everyone but | everyone except | everybody but | someone other than |
        somebody other than | all but | all except | excluding | except | except for | other than |
        apart from | but not | outside | outside of | nor | minus
    """,
    ("without", None): """
        without | with no | no | lacking | lack | lacks | missing | has no | have no | had no | without any |
        with zero | with out | w o | zero | do not have | does not have | did not have | have not | has not |
        had not | do not have any | does not have any | have not had | has not had | have not got |
        have not any | with not a single | have never had | has never had | did not get | not having |
        not linked to | with none | do not have a | does not have a | had not any | that lack | having no |
        free of
    """,
    ("with", None): """
        with | having | that have | which have | who have | that has | which has | with any |
        with at least one | including | have any | has any | that had | with a | with an | where there is |
        where there are
    """,
    ("cmp", "gt"): """
        and over | and above | more than | over | above | greater than | higher than | larger than |
        bigger than | exceeding | exceeds | exceed | > | north of | in excess of | beyond | upward of |
        more then | greater then | at more than
    """,
    ("cmp", "gte"): """
        at least | >= | ≥ | minimum of | no less than | not less than | no fewer than | upwards of |
        not under | not below | atleast | starting from | starting at
    """,
    ("cmp", "lt"): """
        and under | and below | less than | under | below | fewer than | smaller than | lower than | < |
        less then | fewer then | short of | south of
    """,
    ("cmp", "lte"): """
        at most | <= | ≤ | up to | no more than | not more than | maximum of | not over | not above |
        not exceeding | atmost | a maximum of
    """,
    ("cmp", "eq"): "exactly | equal to | equals | = | precisely | equalling",
    ("cmp", "ne"): "!= | <> | not equal to",
    ("between", None): "between | in between | ranging from | in the range",
    ("from", None): "from | starting",
    ("to", None): "to | through | till | until | thru | up until | and up to",
    ("since", None): "since | from | starting | as of | beginning | ever since",
    ("after", None): "after | later than | following | past",
    ("before", None): "before | prior to | earlier than | ahead of",
    ("until", None): "until | till | up to | through | up until | no later than | not later than | by",
    ("more", "gte"): """
        or more | or over | or above | or higher | or greater | or larger | or bigger | and more | and over |
        and above | + | plus | and up | or up | upwards | or better | minimum
    """,
    ("more", "lte"): """
        or less | or fewer | or under | or below | or lower | or smaller | and less | and under | and below |
        or so at most | maximum | tops
    """,
    ("rate", None): """
        win rate | winning rate | win ratio | win percentage | success rate | winrate | closing rate |
        close rate | win rates | conversion rate | rate of winning | winning percentage | hit rate | win % |
        success rates | winning ratio | win loss rate
    """,
    ("share", None): """
        share | share of | percentage | percentage of | percent | percent of | proportion | proportion of |
        % | % of | fraction of | what part of | what portion of | portion of
    """,
    ("who", None): "who | whom | whose | which person",
    ("where", None): "where | whereabouts | in which place",
    ("when", None): "when | what date | on what date | on which date | since when | what day | which day",
    ("which", None): "which | which of",
    ("what", None): "what | what all",
    ("list", None): """
        list | send me | send us | lst | show | show me | give me | display | find | get | get me | see | pull up |
        bring up | lookup | look up | enumerate | all | list all | show all | all of | all the | names of |
        a list of | list of | names | the list of | find me | fetch | list out | print | view | open up |
        search for | give me a list of | show us | give us | name | list me | tell me about | tell us about |
        info on | information about | information on | details of | details on | details about |
        everything about | more about | info about | facts about
    """,
    ("pronoun", "many"): """
        those | these | them | they | their | theirs | of those | of these | of them | those ones | the ones |
        ones | of which | which ones | among them | among those | among these | amongst them
    """,
    ("pronoun", "one"): "it | its | he | she | his | her | him | hers | that one | this one | the same one",
    ("this", None): "this | that",
    ("distinct", None): "different | distinct | unique",
    ("me", None): """
        owned by me | belonging to me | that are mine | which are mine | that i own | that i have |
        my | mine | i | by me | assigned to me | for me | of mine | me | do i have | have i got | i have |
        did i | do i | have i | am i | i am
    """,
    ("only", None): """
        only | just | merely | still | currently | now | right now | at the moment | today still |
        at present | as of now
    """,
    ("again", None): """
        what about | how about | and what about | and how about | and | same for | the same for | now for |
        and for | but for | or | then | ok and | okay and | what if only | same question for |
        the same but for | same but | and the | also | now | instead | same thing for | ditto for |
        repeat for | do the same for | the same | but
    """,
    ("per cent", None): "% | percent | pct",
    ("possessive", None): "'s",
    ("sales", None): "sales | turnover",
    ("money", None): "money | cash",
    ("why", None): "why | how come | for what reason | for which reason | what made us",
    ("beyond", None): """
        working day | working days | business day | business days | workday | workdays | weekday | weekdays |
        weekend | weekends | with the same | on the same | of the same | in the same | rolling | cumulative |
        running total | so many | too many | too much | too late | too early | too long | too high | too low |
        too big | too small | too slow | too old | almost | nearly | roughly half | usual | usually |
        than usual | growth | change in | change of
    """,
    ("alone", None): "i do not know | never mind",
}

# How far a record is: open, won, lost, or either of the last two.
KINDS: dict[tuple[str, ...], str] = {
    ("won",): """
        brought in | bring in | brings in | bringing in | earned |  | won | win | wins | winning |
        winning ones | closed won | close won | successful | sold | sell | sells | selling | won so far |
        successfully closed | successfully won | land | landed | lands | bought | buy | buys | buying |
        purchased
    """,
    ("lost",): "lost | lose | loses | losing | closed lost | unsuccessful | failed | loose",
    ("open",): """
        open | active | ongoing | in progress | still open | outstanding | unclosed | not closed |
        not yet closed | still running | running | undecided | in the pipeline | in play | in flight |
        still in play | live | in pipeline | open still | not yet won or lost | working on | being worked on |
        pending | unresolved | not finished
    """,
    ("won", "lost"): "closed | decided | closed already | finished | concluded | already closed",
}

# Words that carry no condition: articles, copulas, light verbs, courtesies. Nothing that narrows or negates is here.
FILLER = """
send sends sent receive receives received a an the of for in on at with to from into onto is are was were be been
being am do does did doing done has have had having get gets got give gives gave make makes made there here exist
exists currently existing that which as so please pls plz kindly hi hello hey dear thanks thank you thx cheers
parley quick quickly question could would can should may might tell me us know want need see let say wondering
wonder wanted i'd id love curious interested our ours we what's happen happened any some ever also too then well ok
okay um uh hmm just really actually exactly roughly information info data record records details entry entries crm
system database workspace figure figures value values presently whole entire altogether together various individual
particular respective work works working worked belong belongs belonged belonging related relating regarding
concerning associated linked assigned tied attached connected involving involved handled handles handling handle
across look looks looking up out off over take takes took taken come comes came coming go goes went going put bring
brings brought generated generate generates produced produce produces yielded earned accounted account sit sits
sitting stand stands standing situated located operate operates operating happening we've i've it's sort kind much
many lot lots overall people's their theirs during within throughout course calendar year's number say's whose ones
such there's total's at's far till date yet already teh hte r u wud cud pleas thru anything everything
write writes wrote written logged
""".split()

FILLER_PHRASES = """
tell me | i want to know | i would like to know | i need to know | do you know | can you tell me |
could you tell me | can you | could you | would you | can you please | could you please | let me know |
i want | i need | i would like | i want to see | i would like to see | let me see | please show | thank you |
thanks a lot | do we have | have we | did we | have we got | we have | are there | is there | were there |
was there | how is | how are | what is | what are | what was | what were | what did | what do | what does |
so far | to date | by the way | in our crm | in the crm | in the database | in the system | in our database |
in here | as a whole | quick question | good morning | good afternoon | at all | in all | from us | to us |
for us | with us | of ours | need to know | a quick | belongs to | belong to | assigned to | linked to |
related to | tied to | attached to | connected to | accounted for | worked on by | work for | works for |
working for | handled by | come from | comes from | came from | coming from | made by | based on |
in the amount of | i am looking for | i am looking at | looking for | have we had | did we have |
do we currently have | we got | out of | on record | in total number | that are | which are | who are |
that is | which is | who is | that were | which were | that was | each of | any of | some of | of all |
in all of | out of all | with respect to | as regards | in the year | in the month of | in year | during the |
over the | in the course of | the year | the month of | the month | the quarter | in the period |
for the period | in the time period | for the time period | in the timeframe | in that period | in that time |
at this time | at that time | this time | of all time | all time | during the period | over the period |
for the month of | for the year | over the course of | the number | happen to | can i see | may i see |
can i get | could i get | can i have | could i see | can we see | what would be | give me the | show me the |
need the | need a | just the | all the | the overall | run me | any idea | remind me what | remind me how |
i wonder | i am wondering | wondering | just wondering | just curious | out of curiosity | asap
"""

# Verbs that speak of a noun that a declaration may know.
VERB_NOUNS: dict[str, str] = {
    **dict.fromkeys("talk talked talking talks speak spoke spoken speaking speaks contacted"
                    " touched heard chatted chat".split(), "conversation"),
    **dict.fromkeys("met meet meets".split(), "meeting"),
    **dict.fromkeys("headquartered hq".split(), "headquarters"),
    **dict.fromkeys("employs employ employing staffed".split(), "employees"),
    **dict.fromkeys("founded founding".split(), "established"),
    **dict.fromkeys("tagged labelled labeled".split(), "tags"),
    **dict.fromkeys("responsible charge".split(), "owner"),
    **dict.fromkeys("called phoned rang".split(), "call"),
    **dict.fromkeys("emailed mailed".split(), "email"),
}
TALK_PHRASES = (
    "in touch with", "in touch", "in contact with", "been in contact", "been in touch", "reached out to", "hear from",
)

# Short forms of words that a declaration may know.
ABBREVIATIONS: dict[str, str] = {
    "amt": "amount", "amts": "amounts", "qty": "quantity", "acct": "account", "accts": "accounts",
    "cos": "companies", "opp": "opportunity", "opps": "opportunities", "opty": "opportunity",
    "prio": "priority", "mtg": "meeting", "mtgs": "meetings", "ppl": "people", "cust": "customer",
    "custs": "customers", "rev": "revenue", "emp": "employees", "emps": "employees", "prob": "probability",
    "tel": "telephone", "org": "organization", "orgs": "organizations", "biz": "business", "ind": "industry",
    "prod": "product", "prods": "products", "desc": "description",
}
