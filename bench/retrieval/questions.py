"""Questions for known passages of the sales data's summaries, written without their words.

A line holds the number of the passage, or of each that answers as well (rows of the file from 0), and the question.
NAMED ones name the company or the person; the others have to be found by what they are about.
"""

NAMED = """
7 which rival did we promise Paul Stokes to measure ourselves against for GTX Basic
8 what did we propose to Acme to keep things going against OmniSuite
3 how did the workshop at Acme's premises go
13 what is worrying James Ware about fitting the GTK 500 into what they have
13 which second product could help Betatech manage its resources
15 what guarantees for growth and years ahead does James want
16 whose presence in the evaluation matters to Betatech's James
10 did we send James the spec sheet he had asked for
18 how soon does Melanie Santiago need to go live
21 when do Bioplex's computer people sit down with our developers
21 who is overtaking us at Bioplex
22 why did we write to Elizabeth Crawford at the start of the year
24 which hopes does Bluth have for a new kind of customer
25 what troubles Elizabeth about BlueHawk
28 from which version to which do we want to move Cancity
31 is Ashley Anderson open to meeting us
32 who from our side should come along next time to answer Cancity
34 what bothers Codehow about its reports
35 does Ricardo Grimes have money limits
39 what is Andrea Moore unhappy with at busy times
40 which competitor answers faster according to Conecom
45 what did we ask Andrea to do about who attends
44 what would Conecom like to be sorted automatically as it comes in
49 what job does Denise have at Doncon
50 why does Denise need to look good inside her own firm against Aurelia
52 who does Doncon measure us against at the working day in July
55 when do we call Doncon before the preview
56 why does Dontechi need more than its present package
57 which figures did Jason want set side by side
59 how do we keep Dontechi running while they change over
60 is Jason Rodriguez nervous about switching
61 what was enclosed with the message to Jason on the GTX move
64 has Jason made up his mind about MG Advanced
67 is anybody else bidding at Fasehatice
69 which extra wishes of Stephen Campos may get onto our plans
73 what data should we show Fasehatice in the demo
74 who is ahead of us at Finhigh with live connections
78 what does Scott Brown want to be shown for his architecture
79 what does Mr. Moran like about Aurelia
84 why does Funholding's schedule matter for going live
85 what would an outage do to Nicholas Moran's plans
89 is Lori Newman worried that we are dearer than NexCore
92 has Lori come to terms with paying at the beginning
98 what does Manuel Walker want to improve in dealing with his own customers
100 what proof does Manuel want to see in comparison with NorthPeak
105 how is the introduction at Globex to be staged
108 what threatens Golddex in neighbouring markets
109 why does Alison Jones fear OmniSuite
112 what must be the same everywhere for Alison
114 which successes of others will our architect put before Golddex
115 what has Aurelia done that William Page noticed
116 did Green-Plus get to try the GTK 500 themselves
119 what are the open points at Green-Plus about moving over
120 who is new at Hatfan
120 who else might Melanie Henry buy from
124 what did the people with Melanie ask about at the table
127 who does Ryan Miller want to beat
131 what have we fixed in the calendar for Initech's people to learn it
132 why is Isdom outgrowing its present product
135 when does Linda Hill see the platform live
139 whose cheap offers make Erin uneasy
140 what eats up hours of work at J-Texon
141 what did we mail Erin in May
144 what about GTX Pro caught Anthony James' eye
147 how would Kinnamplus' staff learn to use it
148 who at Kinnamplus should join so that they decide sooner
149 which part of Konmatfix's business does Scott Ashley want to make better
154 what is going wrong in the roll-out at Konmatfix
165 what will John Charles send us until Friday
167 are Lexiqvolax' technicians prepared
168 what does Kristen Wilkins want to alter in what she pays for
170 what did Mathtouch miss at OmniSuite
172 by when does Kristen have to be finished
178 what are we drawing up for Newex to compare
181 who at Newex watches the expenses
192 what bad experience makes Michael Stark careful
196 with which features do we want to overtake NexCore at Rangreen
199 against whom does Anthony Allen benchmark us
209 what did Virginia Hardy's guests say about the tests next week
214 what has Joseph Wise got to bring in line with the coming financial year
215 which of our experts will come to Scotfind's session
218 until when does Silis want to be up and running
225 what made some of Briana's colleagues curious about PrimusTech
232 what is attractive in PrimusTech's bid to Sonron
235 how happy is Wayne Heath with the first phase
239 what did Statholdings ask us to stress more
243 what kind of software does Colin Martinez want for looking after clients
248 why can Dean Wood not afford to be offline
254 when does the Inquirer's site come under strain
256 what is the New York Inquirer preparing to cover
257 where did we eat with Angela Little
262 how do we calm Angela about going live
265 with which kind of program must it work at Vehement
264 what do we give Christine Jensen for free
271 what will Christine get from us early the following week
272 what paper did we enclose for Eric Alvarado
277 what makes BlueHawk hard to beat at Xx-holding
282 what does Anthony Haynes say about NorthPeak's hold on the market
286 whose records do we use in the demo for Y-corporation
291 what does NexCore do that alarms Stephen Warren
294 what worries Laura Reyes about NorthPeak
296 in which restaurant did we meet Zoomit
305,306 what is coming up with Zumgoity's directors
308 what do the heads of departments at Zumgoity complain of
309 what does Jay Williams expect from us after the purchase
314 what slows dambase down today
316 why is Glen Miller looking at NorthPeak
"""

UNNAMED = """
39 which customer was content with GTX Basic but grumbled that our helpdesk is slow when everybody calls
40 who told us over video that BlueHawk now reacts faster and that they want a separate hotline before they grow
254 which newsroom needs computers that hold out when a big story breaks and finds Aurelia poorly connected
253 which publisher wants to see instantly what is being read, to get ahead of OmniSuite
251 who wants to switch sooner because of coming editorial plans, without ever stopping the presses
256 who gets ready for a crush of visitors during a big event and doubts how we do against NexCore
248 which paper asked about moving up from GTX Basic since articles come out around the clock
249 who liked the better analyses of GTX Plus Basic and wants a careful plan so that publishing goes on
149 who hopes MG Advanced will improve how goods flow from their suppliers and has a flexible roll-out date
152 where did we mention to the supply chain people that OmniSuite is getting better at analyses
154 who fights technical trouble while moving data over and fears that deliveries stop
124 who asked at dinner whether we still help after installation, to make their factory more productive
122 which manufacturer got a mail asking for topics before the GTX Plus Pro demo
265 who wanted to know how GTX Basic works together with their accounting program
264 who worries how long it takes and that her people need lessons, and got a free course from us
108 who is losing clients and sees BlueHawk's upgrades win in neighbouring markets
109 who said in the corridor that OmniSuite advertises loudly and that a broader range would reach more people
111 who was curious at dinner how the GTK 500 makes their own clients stay and take part
112 who wants the same message on all channels and confirmed what we will talk about online
305 who told us at lunch that directors will look at it soon and that quick wins are needed with GTX Basic
306 who said in the hallway that the directors want well worked-out proposals that pay off fast
308 whose department heads find us slower to connect than BlueHawk
309 who cares about help after the purchase and quick installation of MG Special
303 who would even speed up the start of GTX Pro if it is clearly better than what they have
301 who came to us without a product in mind, open to working together as partners
16 where must the chief operating officer be won over for MG Advanced and GTX Plus Basic
15 who was pleased at lunch with MG Special but wants to be sure it grows and is supported for years
13 with whom did we talk on Zoom about the GTK 500 not fitting, and GTX Basic as an addition
10 to whom did we mail the technical details of the GTK 500 with a comparison to what they use
49 which CIO is uneasy about BlueHawk's promises and has to make reports by hand
50 who must show colleagues at an internal meeting why we beat Aurelia, and asked about automating data
52 with whom did we polish the demo on the spot, comparing ourselves with both BlueHawk and Aurelia
55 to whom did we write that we would get in touch two days before the preview
89 who fears that GTX Plus Pro costs more than NexCore and wants to know the whole cost over its life
92 who is less worried about the money up front since MG Advanced makes work flow better
34 who complained at dinner about weak reports and has little money for MG Advanced and MG Special
35 who stressed in the hallway that data analysis with GTX Plus Basic has to be better before projects are due
79 who likes Aurelia's analyses and asks about something above GTX Plus Basic
84 whose technicians do we want to speak to so that the roll-out fits their product launches
85 where would any outage hit the start of new products, with MG Advanced and GTX Pro in talk
168 who thinks about changing her subscription of MG Special
169 to whom did we write about GTX Pro after looking at how they use it now
170 who missed being able to adapt OmniSuite to her own processes
172 who has a deadline inside the firm next quarter that our roll-out must meet
174 who came to us after the town hall since earlier products never met their wish for special analyses
176 who asked how our analyses differ from NorthPeak's because they grow and it no longer scales
120 who has just become our contact, likes MG Special, and also looks at PrimusTech
125 who views help with the introduction as decisive and knows PrimusTech, with a demo on Wednesday afternoon
139 who said that Aurelia sells cheaper at the moment and has trouble seeing all customer contacts at once
140 whose people spend hours reconciling data by hand and hope that GTK 500 pays off
141 to whom did we send an offer for MG Special with dates and stages
105 with whom did we agree to introduce MG Advanced and GTX Plus Pro in phases so that work goes on
100 who wants an example of a firm like theirs that gained from us, more than from NorthPeak
98 who wants to deal better with customers, and cannot get at data immediately
101 for whom do we prepare a case study after scenarios on site about faster processing
132 who grew recently, outgrew GTX Plus Basic, and asked for training
135 whose live demo of MG Advanced is on a Tuesday morning, with examples enclosed
147 who wants the staff to make the most of GTX Plus Basic right from the beginning
148 who thinks that bringing in their technical head would speed up a decision on GTX Plus Pro
144 who likes that GTX Pro consists of modules, and worries how long connecting takes
145 who feared long outages with MG Advanced and GTK 500 on a short call
257 with whom did we eat at a bistro, about faster teamwork with GTX Basic
258 for whom did we present successes of others and answer questions about carrying data over
259 who liked GTK 500 and MG Advanced against OmniSuite but is afraid of downtime
262 who was told of a staged roll-out and safe data, while NorthPeak also made an offer
263 for whom does our technical lead hold a session on a Thursday afternoon
296 who had lunch with us at Delmonico's
294 who pointed to NorthPeak's novelties so that we planned a deep dive with a product specialist
295 who mailed that OmniSuite keeps adding new features
69 which extra functions of a customer may get onto our own roadmap, told over dinner
67 who looks forward to better reports and has no other bidder
70 who must see MG Advanced at work before they trust it, because of bottlenecks
73 who wants the demo with their own real data
286 for whom do we use their own datasets in the GTX Plus Pro demo
282 who fears NorthPeak's contacts and publicity
115 who heard that Aurelia has become faster, and updates their system all the time
116 who tried the GTK 500 themselves in a session with our technicians
117 to whom did we write a plan for moving to the GTK 500 with milestones and help
119 who asks how long moving to the GTK 500 takes and whether work stops, after NorthPeak's upgrade
225 whose team saw a webinar of PrimusTech and now asks questions
226 where do we rehearse once before the GTK 500 session
224 who wants the basics of GTK 500 taught on a Tuesday so that the November workshop works
222 who shall tell us whether the second week of November suits
218 who wants MG Advanced running until the quarter ends, with teaching for the technicians
178 to whom did we promise a calculation of savings and return for the GTK 500
181 where does Sarah watch the costs while the text is being commented on
235 who is pleased that MG Advanced made work faster and now gets the GTK 500
237 who named areas where the GTK 500 could save money and asked what the change would need
238 where will people from IT and analysis say at once what they think of the GTK 500
239 where shall we stress more how costs fall, in the demo on Wednesday
243 who asked at dinner about customer management software that is easy to use
228 who asked by mail, without naming a product, about automating work and connecting data
232 who got a cheap offer from PrimusTech that claims to fit without trouble
196 where do we want to beat NexCore by foreseeing breakdowns
199 who compares MG Advanced and MG Special with OmniSuite and wants operations undisturbed
201 to whom did we send the full compatibility analysis of MG Advanced that had been asked for
207 who likes that GTX Plus Basic is simple to use, with nobody else in the race
210 for whom did we rework the GTK 500 demo so that they get ahead of Aurelia
214 who has to bring analyses of GTK 500 in line with the aims of the coming financial year
215 where does our chief architect join, after a short call about financial targets
217 who talked at dinner about MG Advanced, MG Special and keeping up with their trade
192 who is careful because connecting something went badly in the past
193 with whom did we prepare the MG Special demo in the last call, about compatibility
186 who has written down technical questions for our GTX Pro specialists
165 who will send by Friday how their data moves, and wants better forecasts
166 who named at lunch in spring what they need at once for data flow
167 whose technicians are ready and want us compared with their present systems
150 which computer department shall meet our specialists to clear obstacles with MG Advanced
131 whose dates for testing and training on the GTK 500 have we fixed
127 who wants to overtake BlueHawk in analyses and has projects due very soon
273 who is under pressure to stand out, and compares us with Aurelia for the first quarter
272 to whom did we send a paper on how GTX Plus Basic grows with them
277 who thinks highly of BlueHawk because it is installed in no time
291 who is alarmed by NexCore's progress in connecting systems
292 who asked for examples that MG Special scales and pays, since PrimusTech is all the talk
312 who plans to roll MG Special and GTX Basic out in several departments and needs the technicians' approval
314 whose data transfer gets stuck, so that a specialist comes on a Thursday morning
316 who wonders whether GTX Plus Pro copes with more and more data, since NorthPeak advertises that
318 who talked at lunch about growth of the CRM compared with NorthPeak
269 who weighs us against both PrimusTech and NorthPeak, over Teams
270 who wants to adapt the lessons, and hopes for quicker reports
267 who was convinced by the fit with their finance software and likes data processed as it happens
57 who asked to compare their present use of MG Special with what MG Advanced could do
60 who is cautious about changing over though the analyses would help them expand
61 to whom did we send an agenda about GTX Pro and Basic
25 who spoke of BlueHawk's edge in analyses while we showed how flexible MG Special is
22 who got a mail in January because of new markets they had just entered
18 who is short of time and would like special help so that GTX Pro goes live faster
21 who will sit down with our lead developers on a Thursday morning since NexCore moves ahead
32 where should one of our technicians come along, said after the town hall
28 to whom did we suggest GTX Pro in place of GTX Basic by mail in January
7 to whom did we promise a comparison with Aurelia and examples for GTX Basic
8 who asked how we connect, so that we pointed out what OmniSuite lacks
"""


def read(lines: str) -> list[tuple[frozenset[int], str]]:
    """The passages that answer, and the question."""
    found = []
    for line in lines.strip().splitlines():
        numbers, _, question = line.partition(" ")
        found.append((frozenset(int(number) for number in numbers.split(",")), question))
    return found


def named() -> list[tuple[frozenset[int], str]]:
    return read(NAMED)


def unnamed() -> list[tuple[frozenset[int], str]]:
    return read(UNNAMED)
