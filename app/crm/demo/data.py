"""The demo's records as plain tables. Days count from the day of loading: -30 is a month ago, 14 is in two weeks."""

# ruff: noqa: E501  a row of a table is a line
# fmt: off

USERS = ("Maya Lindqvist", "Tomás Rivera", "Priya Raman", "Jonas Weber")

# name, industry, city, country, employees, annual revenue, currency, website, owner, tags, description
COMPANIES = (
    ("Harbour & Pine Hotels", "Hospitality", "Copenhagen", "Denmark", 640, 58_000_000, "USD", "https://harbourpine.example", 0, ("key account",), "Eleven hotels around the Baltic. Each has a lobby bar and a breakfast room; machines are bought centrally."),
    ("Harbour & Pine Gothenburg", "Hospitality", "Gothenburg", "Sweden", 70, 6_200_000, "USD", "", 0, (), "The newest house of the group, opening its roof bar in spring."),
    ("Kettle & Crumb", "Cafés", "Bristol", "United Kingdom", 85, 4_100_000, "USD", "https://kettlecrumb.example", 1, ("fast growing",), "Nine neighbourhood cafés with their own bakery. Opens two shops a year."),
    ("Bluebird Roasters", "Roasting", "Portland", "United States", 42, 3_300_000, "USD", "https://bluebirdroasters.example", 1, ("partner",), "Roasts for forty cafés and recommends machines to all of them."),
    ("Quill Publishing", "Offices", "Dublin", "Ireland", 210, 24_000_000, "USD", "https://quill.example", 2, (), "Four floors, four kitchens, and a works council that cares about coffee."),
    ("Verdant Labs", "Offices", "Utrecht", "Netherlands", 130, 18_500_000, "USD", "https://verdantlabs.example", 2, ("sustainability",), "Measures the energy use of everything that it buys."),
    ("Osteria Lumina", "Restaurants", "Bologna", "Italy", 24, 1_900_000, "USD", "", 3, (), "Two restaurants of one family. Decisions take a dinner."),
    ("Northgate Clinics", "Healthcare", "Manchester", "United Kingdom", 480, 39_000_000, "USD", "https://northgateclinics.example", 0, (), "Staff rooms in six clinics; hygiene rules decide what may be installed."),
    ("Paper Lantern Tea", "Cafés", "Singapore", "Singapore", 58, 2_700_000, "USD", "https://paperlantern.example", 3, ("fast growing",), "Tea houses that want to serve good espresso without a barista."),
    ("Summit Coworking", "Offices", "Denver", "United States", 95, 11_200_000, "USD", "https://summitcowork.example", 1, ("key account",), "Fourteen floors in three cities, pays by cups served."),
    ("Old Mill Bakery", "Bakeries", "Ghent", "Belgium", 31, 2_050_000, "USD", "", 2, (), "One large bakery with a counter that never has a quiet hour."),
    ("Fjord Ferries", "Transport", "Bergen", "Norway", 720, 88_000_000, "USD", "https://fjordferries.example", 0, ("tender",), "Nineteen ships. Machines must survive salt, tilt and night crews."),
    ("Casa Aurora", "Hospitality", "Lisbon", "Portugal", 66, 5_400_000, "USD", "https://casaaurora.example", 3, (), "A boutique hotel with a rooftop and strong opinions about colour."),
    ("Granite City College", "Education", "Aberdeen", "United Kingdom", 390, 31_000_000, "USD", "https://granitecollege.example", 2, ("tender",), "Three canteens; buys once a year, by tender, in May."),
)
PARENTS = {"Harbour & Pine Gothenburg": "Harbour & Pine Hotels"}

# name, company, job title, email
PEOPLE = (
    ("Ingrid Solheim", "Harbour & Pine Hotels", "Head of procurement", "ingrid@harbourpine.example"),
    ("Mikkel Brandt", "Harbour & Pine Hotels", "Finance director", "mikkel@harbourpine.example"),
    ("Sara Ekström", "Harbour & Pine Gothenburg", "House manager", "sara@harbourpine.example"),
    ("Callum Reid", "Kettle & Crumb", "Founder", "callum@kettlecrumb.example"),
    ("Asha Menon", "Kettle & Crumb", "Operations lead", "asha@kettlecrumb.example"),
    ("Dana Whitlock", "Bluebird Roasters", "Owner", "dana@bluebirdroasters.example"),
    ("Owen Byrne", "Quill Publishing", "Facilities manager", "owen@quill.example"),
    ("Niamh Kearney", "Quill Publishing", "Office director", "niamh@quill.example"),
    ("Bram de Wit", "Verdant Labs", "Workplace lead", "bram@verdantlabs.example"),
    ("Lotte Visser", "Verdant Labs", "Sustainability officer", "lotte@verdantlabs.example"),
    ("Gianna Ferri", "Osteria Lumina", "Owner", "gianna@osterialumina.example"),
    ("Helen Marsh", "Northgate Clinics", "Estates manager", "helen@northgateclinics.example"),
    ("Ravi Chandran", "Northgate Clinics", "Infection control", "ravi@northgateclinics.example"),
    ("Wei Ling Tan", "Paper Lantern Tea", "Chief operating officer", "weiling@paperlantern.example"),
    ("Marcus Hale", "Summit Coworking", "Head of member experience", "marcus@summitcowork.example"),
    ("Jo Castellanos", "Summit Coworking", "Purchasing", "jo@summitcowork.example"),
    ("Pieter Claes", "Old Mill Bakery", "Baker and owner", "pieter@oldmill.example"),
    ("Astrid Nygård", "Fjord Ferries", "Catering manager", "astrid@fjordferries.example"),
    ("Henrik Dahl", "Fjord Ferries", "Tender office", "henrik@fjordferries.example"),
    ("Beatriz Moura", "Casa Aurora", "General manager", "beatriz@casaaurora.example"),
    ("Fiona Drummond", "Granite City College", "Procurement officer", "fiona@granitecollege.example"),
)

# name, company, person, stage, amount, close day, owner, lost reason
DEALS = (
    ("Lobby bars, phase 1", "Harbour & Pine Hotels", "Ingrid Solheim", "won", 86_400, -118, 0, ""),
    ("Lobby bars, phase 2", "Harbour & Pine Hotels", "Ingrid Solheim", "negotiation", 124_000, 21, 0, ""),
    ("Breakfast rooms", "Harbour & Pine Hotels", "Mikkel Brandt", "qualified", 64_500, 75, 0, ""),
    ("Roof bar", "Harbour & Pine Gothenburg", "Sara Ekström", "proposal", 18_900, 34, 0, ""),
    ("Shops 8 and 9", "Kettle & Crumb", "Callum Reid", "won", 22_300, -46, 1, ""),
    ("Shops 10 and 11", "Kettle & Crumb", "Asha Menon", "proposal", 23_800, 40, 1, ""),
    ("Service plan, all shops", "Kettle & Crumb", "Asha Menon", "won", 9_600, -12, 1, ""),
    ("Training bar", "Bluebird Roasters", "Dana Whitlock", "won", 11_200, -160, 1, ""),
    ("Partner demo machines", "Bluebird Roasters", "Dana Whitlock", "negotiation", 15_400, 9, 1, ""),
    ("Four kitchens", "Quill Publishing", "Niamh Kearney", "proposal", 31_000, 28, 2, ""),
    ("Filter machines", "Quill Publishing", "Owen Byrne", "lost", 7_800, -64, 2, "Price: a leasing offer was cheaper"),
    ("Low-energy pilot", "Verdant Labs", "Bram de Wit", "won", 12_700, -83, 2, ""),
    ("Roll-out after pilot", "Verdant Labs", "Lotte Visser", "negotiation", 47_900, 16, 2, ""),
    ("Second restaurant", "Osteria Lumina", "Gianna Ferri", "qualified", 9_400, 60, 3, ""),
    ("Staff rooms", "Northgate Clinics", "Helen Marsh", "lead", 38_500, 110, 0, ""),
    ("Reception areas", "Northgate Clinics", "Helen Marsh", "lost", 21_000, -29, 0, "Hygiene approval took too long"),
    ("Self-service espresso", "Paper Lantern Tea", "Wei Ling Tan", "qualified", 54_000, 52, 3, ""),
    ("First tea house", "Paper Lantern Tea", "Wei Ling Tan", "won", 13_500, -9, 3, ""),
    ("Denver floors", "Summit Coworking", "Marcus Hale", "won", 72_000, -201, 1, ""),
    ("Austin floors", "Summit Coworking", "Jo Castellanos", "proposal", 68_000, 18, 1, ""),
    ("Pay per cup", "Summit Coworking", "Jo Castellanos", "lead", 30_000, 90, 1, ""),
    ("Counter machine", "Old Mill Bakery", "Pieter Claes", "won", 8_200, -37, 2, ""),
    ("Grinder upgrade", "Old Mill Bakery", "Pieter Claes", "lead", 2_400, 45, 2, ""),
    ("Ferry tender", "Fjord Ferries", "Astrid Nygård", "qualified", 186_000, 130, 0, ""),
    ("Test ship", "Fjord Ferries", "Astrid Nygård", "won", 14_800, -71, 0, ""),
    ("Rooftop and lobby", "Casa Aurora", "Beatriz Moura", "negotiation", 26_700, -6, 3, ""),
    ("Room capsules", "Casa Aurora", "Beatriz Moura", "lost", 11_900, -140, 3, "They dropped capsules altogether"),
    ("Canteen tender", "Granite City College", "Fiona Drummond", "lost", 44_000, -175, 2, "Missed two requirements"),
    ("Canteen tender, next year", "Granite City College", "Fiona Drummond", "lead", 46_000, 150, 2, ""),
)

# The open deals that have stood in their stage for a while, and for how many days; the others have just come there.
STANDING = {
    "Staff rooms": 71, "Ferry tender": 48, "Second restaurant": 39, "Shops 10 and 11": 34, "Rooftop and lobby": 26,
    "Four kitchens": 14, "Roll-out after pilot": 12, "Breakfast rooms": 9, "Austin floors": 6, "Lobby bars, phase 2": 5,
    "Self-service espresso": 4, "Canteen tender, next year": 58,
}

# kind, status, day, hour, company, person, deal, owner, subject, text
ACTIVITIES = (
    ("meeting", "completed", -5, 10, "Harbour & Pine Hotels", "Ingrid Solheim", "Lobby bars, phase 2", 0, "Terms for phase 2", "Ingrid likes the machines of phase 1 and wants the same model in the other houses. She asked for delivery in two lots, the first before the summer season.\n\nMikkel holds the budget back until he has seen the energy figures of the first year. I promised a one-page summary by Friday. They would sign for a three-year service plan if the response time is under eight hours."),
    ("email", "completed", -3, 9, "Harbour & Pine Hotels", "Mikkel Brandt", "Lobby bars, phase 2", 0, "Energy figures", "Sent the energy summary: 31% less than their old machines over eleven months. Mikkel replied that this settles his side and that he will release the budget once the service contract names a penalty."),
    ("call", "completed", -11, 15, "Harbour & Pine Gothenburg", "Sara Ekström", "Roof bar", 0, "Weight on the roof", "Sara's builder worries about the weight of the two-group machine on the roof terrace. She will send the drawings. Colour must match the copper of the bar."),
    ("call", "completed", -8, 11, "Kettle & Crumb", "Asha Menon", "Shops 10 and 11", 1, "Opening dates", "Shop 10 opens six weeks from now, shop 11 is late because the lease isn't signed. Asha would rather have both machines in one delivery and store one. She is happy with the repair times since the service plan started."),
    ("meeting", "completed", -20, 14, "Kettle & Crumb", "Callum Reid", "Shops 10 and 11", 1, "Growth plans", "Callum wants to open four shops next year instead of two if a lender says yes. He compared us with a leasing company and found their contract hard to leave. A volume discount from five machines on would decide it."),
    ("email", "completed", -2, 16, "Bluebird Roasters", "Dana Whitlock", "Partner demo machines", 1, "Demo fleet", "Dana will take three demo machines if we pay the freight. In return she puts our name on her barista courses. She needs an answer this week."),
    ("meeting", "completed", -14, 13, "Quill Publishing", "Niamh Kearney", "Four kitchens", 2, "Tasting on the third floor", "Forty people tasted. The works council preferred the quieter grinder, although it is slower. Niamh asks for a written noise measurement, and for milk that is kept cold overnight without waste."),
    ("call", "completed", -66, 10, "Quill Publishing", "Owen Byrne", "Filter machines", 2, "Lost to leasing", "Owen told me that finance took a leasing offer at a lower monthly price. He was sorry, and said that nobody had asked us for a leasing model."),
    ("meeting", "completed", -30, 9, "Verdant Labs", "Lotte Visser", "Roll-out after pilot", 2, "Pilot review", "The pilot used 2.1 kWh a day, below the promised 2.6. Lotte wants a repair guarantee of ten years for spare parts, in writing, before the roll-out. Bram asks for one machine with oat milk only."),
    ("email", "completed", -6, 12, "Verdant Labs", "Bram de Wit", "Roll-out after pilot", 2, "Contract draft", "Sent the contract with the spare parts clause. Bram's lawyer has two questions about data from the machines: who can see the number of cups, and where it is stored."),
    ("call", "completed", -16, 17, "Osteria Lumina", "Gianna Ferri", "Second restaurant", 3, "A dinner first", "Gianna wants us to come for dinner before she talks about machines. Her brother prefers a lever machine, she doesn't want staff to burn their hands."),
    ("meeting", "completed", -33, 10, "Northgate Clinics", "Ravi Chandran", "Reception areas", 0, "Hygiene", "Ravi explained why the approval takes months: open water tanks are forbidden in patient areas. Staff rooms are easier. A closed water line and daily rinsing logs would pass."),
    ("call", "completed", -4, 8, "Paper Lantern Tea", "Wei Ling Tan", "Self-service espresso", 3, "Touch screens", "The first tea house sells ninety espressos a day without a barista. Wei Ling wants the screen in Mandarin and Malay, and worries about guests who leave the milk out."),
    ("meeting", "completed", -10, 16, "Summit Coworking", "Jo Castellanos", "Austin floors", 1, "Austin floors", "Jo has budget for this quarter only. They need installation over a weekend. She asked whether the invoice can be split by floor, because members pay for their own."),
    ("email", "completed", -1, 10, "Summit Coworking", "Marcus Hale", "Pay per cup", 1, "Pay per cup", "Marcus asks for a model where we own the machines and they pay per cup. He thinks that 40 cents would be fair; members complain at 60."),
    ("call", "completed", -25, 7, "Old Mill Bakery", "Pieter Claes", "Counter machine", 2, "First weeks", "Pieter is delighted with the speed. The grinder is the bottleneck on Sunday mornings. He would take a second one in spring."),
    ("meeting", "completed", -19, 11, "Fjord Ferries", "Astrid Nygård", "Ferry tender", 0, "Test ship, three months on", "No failure in three months at sea. The night crew asks for a lock on the milk fridge. Astrid says that the tender will ask for stainless drip trays and a technician in Bergen within 24 hours."),
    ("email", "completed", -7, 13, "Fjord Ferries", "Henrik Dahl", "Ferry tender", 0, "Tender dates", "Henrik confirmed: documents in eight weeks, answers four weeks later. Price counts for 50%, service for 30%, energy for 20%."),
    ("call", "completed", -9, 12, "Casa Aurora", "Beatriz Moura", "Rooftop and lobby", 3, "Colour again", "Beatriz wants a green that our catalogue doesn't have. The factory can do it for a surcharge and four weeks more. She will decide with the architect."),
    ("meeting", "completed", -172, 10, "Granite City College", "Fiona Drummond", "Canteen tender", 2, "Why we lost", "Fiona went through our answers with me. We missed the card payment and the allergy labels. She encouraged us to apply again and to come to the supplier day in March."),
    ("meeting", "scheduled", 2, 10, "Harbour & Pine Hotels", "Ingrid Solheim", "Lobby bars, phase 2", 0, "Sign phase 2", "Bring the service contract with the penalty clause."),
    ("call", "scheduled", 1, 14, "Bluebird Roasters", "Dana Whitlock", "Partner demo machines", 1, "Freight", ""),
    ("meeting", "scheduled", 6, 9, "Verdant Labs", "Lotte Visser", "Roll-out after pilot", 2, "Spare parts guarantee", ""),
)

# day, company, person, deal, author, title, text
NOTES = (
    ("Harbour & Pine Hotels", "Ingrid Solheim", "Lobby bars, phase 2", 0, "How they decide", "Ingrid chooses, Mikkel pays, and neither moves without the house managers. Sara in Gothenburg is the one whom the others ask."),
    ("Kettle & Crumb", "Callum Reid", None, 1, "What they value", "Speed of repair matters more than price: a silent machine on a Saturday costs them 900 a day."),
    ("Verdant Labs", "Lotte Visser", "Roll-out after pilot", 2, "Energy", "They publish a yearly report with the consumption of every device. Our pilot figures may be quoted in it, with our name."),
    ("Fjord Ferries", "Astrid Nygård", "Ferry tender", 0, "Competition", "Two others were invited. One has no service in Bergen, the other was 12% cheaper in the last tender but failed the tilt test."),
    ("Quill Publishing", "Niamh Kearney", "Four kitchens", 2, "Noise", "The reading room is next to kitchen 2. Anything above 55 decibels is out."),
    ("Paper Lantern Tea", "Wei Ling Tan", "Self-service espresso", 3, "Roll-out order", "Orchard Road first, the airport last, because the airport needs a permit for water."),
    ("Northgate Clinics", "Helen Marsh", "Staff rooms", 0, "Start again with staff rooms", "Leave the reception areas alone for now. A closed water line in two staff rooms would give Ravi the data that he needs."),
    ("Summit Coworking", "Marcus Hale", None, 1, "Rumour", "They may take over a smaller competitor in Austin with five floors."),
)

# title, due day, priority, company, deal, owner, done
TASKS = (
    ("Send the service contract with the penalty clause", 1, "high", "Harbour & Pine Hotels", "Lobby bars, phase 2", 0, False),
    ("Ask the builder for the roof drawings", -2, "normal", "Harbour & Pine Gothenburg", "Roof bar", 0, False),
    ("Answer Dana about the freight", 0, "high", "Bluebird Roasters", "Partner demo machines", 1, False),
    ("Volume discount from five machines on", 3, "normal", "Kettle & Crumb", "Shops 10 and 11", 1, False),
    ("Measure the noise of both grinders", 4, "normal", "Quill Publishing", "Four kitchens", 2, False),
    ("Write down where cup counts are stored", -1, "high", "Verdant Labs", "Roll-out after pilot", 2, False),
    ("Find a technician in Bergen", 20, "high", "Fjord Ferries", "Ferry tender", 0, False),
    ("Book a table at the osteria", 7, "low", "Osteria Lumina", "Second restaurant", 3, False),
    ("Ask the factory about the green", -4, "normal", "Casa Aurora", "Rooftop and lobby", 3, False),
    ("Work out a price per cup", 10, "normal", "Summit Coworking", "Pay per cup", 1, False),
    ("Send the energy summary", -3, "high", "Harbour & Pine Hotels", "Lobby bars, phase 2", 0, True),
    ("Register for the supplier day", 60, "low", "Granite City College", "Canteen tender, next year", 2, False),
)
