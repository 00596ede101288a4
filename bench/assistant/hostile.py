"""Questions that must not be answered: unknown names, what nobody recorded, half-understood words, contradictions.

A number for one of these is made up. Quoted passages, or "nothing was found", are no number.
"""

# ruff: noqa: E501  a question is a line
# fmt: off

from __future__ import annotations

STRANGERS = (
    "how many deals did Bob Marley win", "total won amount for Contoso", "where is Globotech based", "deals of Hatfannn Industries Group",
    "how many GTX Ultra deals did we win", "companies in Wakanda", "open deals in the mining industry", "who owns Nosuchcorp",
    "won deals for Xyzzy vs Plugh", "contacts at Initrode", "how many deals did Anna Smith and Zane Levy win", "email of Peter Parker",
    "deals tagged banana", "win rate of Umbrella Holdings", "last call with John Doe", "how many deals did Darcel Miller win",
)
UNKNOWABLE = (
    "what is the gross margin of our won deals", "how many customers churned this year", "which deals will we win", "what is our market share",
    "profit by product", "customer lifetime value of Betatech", "how long is our average sales cycle", "how fast do we close deals",
    "average time from lead to won", "how many deals did we win per working day", "why do we lose to competitors", "is Betatech happy with us",
    "who is the laziest rep", "commission for Zane Levy in 2025", "how many emails bounced", "what is the temperature in Kenya",
    "how many deals did we win compared to the plan", "quota attainment by owner", "deals that slipped last quarter", "cost per lead",
    "number of deals that moved from proposal to negotiation last month", "how many calls did it take to win Betatech",
    "average response time to customers", "how old is Paul Stokes", "what is the salary of Darcel Schlecht", "net promoter score",
)
HALF_READ = (
    "deals with a suspicious amount", "companies that recently raised money", "won deals except the small ones", "deals of our ugliest customers",
    "how many deals did we almost win", "approximately half of the open deals", "most companies", "deals like Betatech's",
    "companies with rising revenue", "deals which are bigger than usual", "average of the top 10 deals", "sum of the first 5 deals won",
    "every second deal", "deals won in less than 30 days", "deals with more than two meetings per week", "companies with a short name",
    "deals whose amount was lowered", "revenue by sales channel", "won deals by gender", "deals with the same amount",
    "how many deals did each manager's team win", "the difference between won and lost amount", "won amount divided by number of employees",
    "average number of deals per company", "running total of won deals", "deals closed too late", "won deals on weekdays",
    "how many customers bought twice", "companies that bought GTX Basic before GTX Pro", "deals we won after losing one with the same customer",
    "percentage change in won deals from 2024 to 2025", "what if we had won all lost deals", "deals with round amounts",
    "companies with twice as many employees as Betatech", "deals bigger than the average",
    "companies with above average revenue", "how many more deals did we win than lose", "win rate excluding outliers",
    "ratio of meetings to emails", "deals won by the owner of Betatech", "companies starting with B",
)
CONTRADICTIONS = (
    "open deals that were won", "lost deals that we won", "companies with more than 5000 and less than 1000 employees in retail and medical only and nothing",
    "deals won in november 2024 in december 2024 by product vs owner", "won deals that are not won",
    "total average of the count", "deals between 10k and", "more than employees", "in by of", "asdf qwer zxcv", "???", "top deals bottom deals",
    "deals without", "companies with over", "who what where", "before after 2024", "deals won since and before 2024",
)

QUESTIONS: tuple[str, ...] = (*STRANGERS, *UNKNOWABLE, *HALF_READ, *CONTRADICTIONS)
