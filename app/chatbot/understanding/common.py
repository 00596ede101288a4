"""Common English words: those that no misspelling is taken for, and those that no data takes over."""

# Common words that are never taken for a misspelling of something else.
COMMON = frozenset(
    """stale overdue weighted
    about above across again ago almost along already although always among another anyone anything around away
    back because become behind believe below beside better beyond both build busy call came cannot care case
    cause certain change city clear close cold colour common cool correct cost country couple course cover
    create cross cry dark daughter dead deal dear decide deep describe dinner door down draw dream drive drop
    early earth east easy eat eight either else empty enough even evening event every exact example eye face
    fact fail fair fall family famous fast father feel few field fill final fine fire fish five fly follow food
    foot force form forward found four free friend front full fun game garden gas general girl glad goal gold
    gone good grand great green ground grow growth guess half hand happy hard hate head health hear heart heat
    heavy held help high hill history hold home hope horse hot hour house huge human hundred ice idea inside
    island job join joke jump keep key kid kill kitchen land language large late laugh law lead learn leave left
    less letter level life light line listen little local long look lose love low luck lunch machine main man
    manage map mark market married matter mean meat median median men mile milk mind minute miss mix model
    modern moment money moon moral morning mother mountain mouth move movie music nation nature near need never
    news nice night noise north note nothing ocean office often once order other outside page pain paint pair
    paper parent park part party pass past pay peace perfect phone picture piece place plan plane plant play
    point poem police poor possible power present press price pretty print problem product promise proud public
    pull push quality quick quiet race rain rather reach read ready real reason recipe red remember repeat
    report rest rich ride right ring rise river road room rule run safe salary same sand save school science sea
    season second secret self sell send sense serious serve set seven several sex shape share sharp she ship
    shop short shot sick side sign simple since sing sister sit six size skin sky sleep slow small smart smile
    snow social soft soldier son song soon sorry sort soul sound south space speak speed spend sport spring
    stand star start state stay step still stone stop store storm story straight strange street strong study
    stuff style sudden sugar suit summer sun support sure surface surprise sweet swim system table tail take
    talk tall taste tax tea teach team tell test thing think third thought three throw time tired today together
    tomorrow tonight tool touch town trade train travel tree trip trouble true trust truth try turn twice type
    under understand until upon useful usual view village visit voice vote wait walk wall war warm wash waste
    watch water wave way weak wear weather week weekend weight west wheel while white wife wild wind window wine
    winter wise wish without woman wonder wood word work world worry worth write wrong yellow young zero female
    male profit margin churn forecast commission bonus quota discount stock share market weather capital
    population president football bought brought thought fought sought caught taught told held kept left lent spent sent
    built paid said heard meant lost cost post past host most must dealt meal meals lend load seal heal dial real zeal
    wine wins warn worn wore torn born gone done some same came tame lame dame fame games names sold hold bold told gold
    mold fold cold older ower tower lower power wonder winner dinner inner outer order border older bigger
    duration length age ages lifetime velocity cycle longest shortest fastest slowest anything nothing everything
    complained refused rejected ordered used tried liked loved wanted asked answered replied returned cancelled
    renewed expired started stopped stayed moved changed called closed opened planned booked billed charged
    delivered shipped visited ignored avoided missed wished""".split()
)

# Words of a closed class: data and declarations never take them over, unless they are quoted or part of a longer name.
CLOSED = frozenset(
    """a an the of for in on at with to from by about is are was were be been do does did has have had who whom whose
    what which where when why how and or not no than then this that these those it its they them their my our we us i me
    you he she his her as if so up out over under between since before after until per each every all any some more most
    less least only just still now can could would will may if first last next new""".split()
)
