"""The SQL that a good developer would write by hand for a few grouped answers, on either engine.

Each answers all that the door does: groups with their labels, in their order, how many records and their amounts by
currency (here one), over the living records, companies in the trash not named, and the totals over all.
"""

_LIVING = "trashed_at IS NULL"

_BY_STAGE = f"""
    SELECT stages.key, g.n, g.amount, g.code
    FROM (SELECT stage_id, count(*) AS n, sum(amount) AS amount, min(currency_key) AS code FROM deals
          WHERE {_LIVING} GROUP BY stage_id) AS g
    LEFT JOIN stages ON stages.id = g.stage_id ORDER BY stages.position NULLS LAST"""
_COUNT_BY_STAGE = f"""
    SELECT stages.key, g.n FROM (SELECT stage_id, count(*) AS n FROM deals WHERE {_LIVING} GROUP BY stage_id) AS g
    LEFT JOIN stages ON stages.id = g.stage_id ORDER BY stages.position NULLS LAST"""
_BY_OWNER = f"""
    SELECT users.id, users.name, g.n, g.amount, g.code
    FROM (SELECT owner_id, count(*) AS n, sum(amount) AS amount, min(currency_key) AS code FROM deals
          WHERE {_LIVING} GROUP BY owner_id) AS g
    LEFT JOIN users ON users.id = g.owner_id ORDER BY users.name_key NULLS LAST"""
_BY_COMPANY = f"""
    SELECT c.id, min(c.name) AS name, sum(g.n) AS n, sum(g.amount) AS amount, min(g.code) AS code
    FROM (SELECT company_id, count(*) AS n, sum(amount) AS amount, min(currency_key) AS code FROM deals
          WHERE {_LIVING} GROUP BY company_id) AS g
    LEFT JOIN companies AS c ON c.id = g.company_id AND c.{_LIVING}
    GROUP BY c.id ORDER BY %s LIMIT %s"""
_BY_INDUSTRY = f"""
    SELECT min(c.industry) AS industry, count(*) AS n, sum(d.amount) AS amount, min(d.currency_key) AS code
    FROM deals AS d LEFT JOIN companies AS c ON c.id = d.company_id AND c.{_LIVING}
    WHERE d.{_LIVING} GROUP BY c.industry_key ORDER BY c.industry_key NULLS LAST"""
_MONTH = "substr(CAST(close_date AS text), 1, 7)"
_BY_MONTH = f"""
    SELECT {_MONTH} AS month, count(*) AS n, sum(amount) AS amount, min(currency_key) AS code
    FROM deals WHERE {_LIVING} GROUP BY {_MONTH} ORDER BY {_MONTH} NULLS LAST"""
_BY_TWO = f"""
    SELECT users.id, users.name, stages.key, g.n, g.amount, g.code
    FROM (SELECT owner_id, stage_id, count(*) AS n, sum(amount) AS amount, min(currency_key) AS code FROM deals
          WHERE {_LIVING} GROUP BY owner_id, stage_id) AS g
    LEFT JOIN users ON users.id = g.owner_id LEFT JOIN stages ON stages.id = g.stage_id
    ORDER BY users.name_key, stages.position"""
_WEIGHTED = f"""
    SELECT stages.key, g.n, g.weighted FROM (
        SELECT stage_id, count(*) AS n, sum(amount * coalesce(deals.probability, s.probability)) AS weighted
        FROM deals LEFT JOIN stages AS s ON s.id = stage_id WHERE {_LIVING} GROUP BY stage_id) AS g
    LEFT JOIN stages ON stages.id = g.stage_id ORDER BY stages.position NULLS LAST"""
_OF_AN_OWNER = f"""
    SELECT stages.key, g.n, g.amount, g.code
    FROM (SELECT stage_id, count(*) AS n, sum(amount) AS amount, min(currency_key) AS code FROM deals
          WHERE {_LIVING} AND owner_id = 3 GROUP BY stage_id) AS g
    LEFT JOIN stages ON stages.id = g.stage_id ORDER BY stages.position NULLS LAST"""
_ALL = f"SELECT count(*) AS n, sum(amount) AS amount, min(currency_key) AS code FROM deals WHERE {_LIVING}"

_SUMS = "measure=count,sum:amount"
# name -> (the query's parameters, its limit, the statements)
GROUPS: dict[str, tuple[str, int, tuple[str, ...]]] = {
    "count by stage": ("group_by=stage", 50, (_COUNT_BY_STAGE,)),
    "by stage": (f"group_by=stage&{_SUMS}", 50, (_BY_STAGE,)),
    "by owner": (f"group_by=owner&{_SUMS}", 50, (_BY_OWNER,)),
    "by company, first 50": (f"group_by=company&{_SUMS}", 50, (_BY_COMPANY % ("min(c.name_key) NULLS LAST", 50), _ALL)),
    "top 10 companies by amount": (
        f"group_by=company&{_SUMS}&sort=-sum:amount", 10,
        (_BY_COMPANY % ("4 DESC, min(c.name_key) NULLS LAST", 10), _ALL),
    ),
    "by company's industry": (f"group_by=company.industry&{_SUMS}", 50, (_BY_INDUSTRY,)),
    "by month": (f"group_by=close_date:month&{_SUMS}", 100, (_BY_MONTH,)),
    "by owner and stage": (f"group_by=owner,stage&{_SUMS}", 100, (_BY_TWO,)),
    "weighted by stage": ("group_by=stage&measure=count,weighted", 50, (_WEIGHTED,)),
    "an owner's by stage": (f"owner=3&group_by=stage&{_SUMS}", 50, (_OF_AN_OWNER,)),
    "all": (_SUMS, 50, (_ALL,)),
}  # fmt: skip
