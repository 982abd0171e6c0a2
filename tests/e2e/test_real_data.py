"""Data that others collected, with answers that others counted. Each set is mapped to the canonical tables here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from cxmetrics.engines.quoting import literal
from cxmetrics.engines.sql import Sql, sql
from support.workplace import Workplace, copy_project

Make = Callable[[str, Callable[[Path], None]], Path]
Value = tuple[float | None, int]


def built(
    workplace: Workplace, tables: dict[str, str], *options: str, labels: str = "", delivered_until: str = "{}"
) -> None:
    """Build from the answers to queries, one canonical table each, with lines of ``labels`` added to that seed.

    ``delivered_until`` is that variable of the project.
    """
    raw = workplace.folder / "raw"
    raw.mkdir()
    for name, query in tables.items():
        duckdb.sql(query).write_parquet(str(raw / f"{name}.parquet"))
    root = workplace.folder / "project"
    copy_project(root)
    with (root / "seeds" / "labels.csv").open("a", encoding="utf-8") as seed:
        seed.write(labels)
    declared = root / "dbt_project.yml"
    text = declared.read_text(encoding="utf-8")
    assert text.count("\n  delivered_until: {}\n") == 1
    declared.write_text(text.replace("delivered_until: {}", f"delivered_until: {delivered_until}"), encoding="utf-8")
    done = workplace.cx("build", "--source", "canonical", "--raw", raw, *options, root=root)
    assert done.returncode == 0, done.stdout + done.stderr


def rows_of(file: Path) -> Sql:
    """What reads a CSV file as texts."""
    return sql("read_csv({file}, all_varchar = true)", file=literal(str(file)))


def asked(workplace: Workplace, query: str, *values: str) -> list[tuple]:
    with duckdb.connect(str(workplace.published), read_only=True) as connection:
        return connection.execute(query, values).fetchall()


def values(workplace: Workplace, grain: str = "all", period: str = "%") -> dict[str, Value]:
    """Metric -> value and n, of dimension all, where there is data."""
    rows = asked(
        workplace,
        """select metric, value, n from metrics.metric_values
        where dimension = 'all' and status <> 'no_data' and grain = ? and period_start::varchar like ?""",
        grain,
        period,
    )
    return {metric: (value, n) for metric, value, n in rows}


def rejected(workplace: Workplace) -> dict[str, int]:
    """Rows in quarantine by raw table."""
    query = "select table_name, rejected_rows from quarantine.loads where rejected_rows > 0"
    with duckdb.connect(str(workplace.folder / "warehouse" / "build" / "cx.duckdb"), read_only=True) as connection:
        return dict(connection.execute(query).fetchall())


@pytest.fixture(scope="module")
def airport(made_once: Make, shared_data: Path) -> Workplace:
    """The survey of San Francisco's airport, 2017. A blank is a code of its own: 11 for NETPRO, 6 and 0 for Q7ALL."""
    query = sql(
        """
        with survey as (
            select *,
                timestamp '2017-05-01 12:00:00' + to_days(coalesce(try_cast(INTDATE as integer), 1) - 1) as answered
            from {survey}
        )
        select 'nps' || RESPNUM as response_id, 'nps' as survey_type, 'relationship' as touchpoint,
            try_cast(NETPRO as double) as score, 0.0 as scale_min, 10.0 as scale_max, answered as responded_at
        from survey
        union all
        select 'csat' || RESPNUM, 'csat', 'app_session', try_cast(Q7ALL as double), 1.0, 5.0, answered
        from survey""",
        survey=rows_of(shared_data / "sfo" / "2017_SFO_Customer_Survey.csv.gz"),
    )

    def make(folder: Path) -> None:
        built(Workplace(folder), {"survey_responses": query})

    return Workplace(made_once("airport", make))


def test_the_airport_survey_gives_its_nps_and_its_satisfaction(airport: Workplace):
    found = values(airport)
    nps, satisfaction = found["net_promoter_score"], found["touchpoint_csat"]
    assert (round(nps[0], 4), nps[1]) == (39.8398, 2_746)
    assert (round(100 * satisfaction[0], 4), satisfaction[1]) == (82.0685, 2_688)


def test_what_the_airport_did_not_ask_has_no_data(airport: Workplace):
    # Nobody was invited by name, nobody called and nobody bought.
    assert set(values(airport)) == {"net_promoter_score", "touchpoint_csat"}


def test_blank_answers_of_the_airport_are_in_quarantine_and_nowhere_else(airport: Workplace):
    assert rejected(airport) == {"survey_responses": 2 * 2_831 - 2_746 - 2_688}
    assert asked(airport, "select count(*) from experience.fct_survey_responses") == [(2_746 + 2_688,)]


def telco_file(shared_data: Path, name: str) -> Sql:
    return rows_of(shared_data / "telco" / f"Telco_customer_churn_{name}.csv.gz")


@pytest.fixture(scope="module")
def telco(made_once: Make, shared_data: Path) -> Workplace:
    """IBM's telco. It knows months of tenure and no dates, so everybody who left does so in October 2019."""
    parts = {
        "start": Sql("timestamp '2019-10-15' - to_months(services.\"Tenure in Months\"::integer)"),
        "services": telco_file(shared_data, "services"),
        "status": telco_file(shared_data, "status"),
    }
    tables = {
        "customers": """select "Customer ID" as customer_id, {start} as acquired_at from {services} as services""",
        "subscriptions": """
            select "Customer ID" as subscription_id, "Customer ID" as customer_id, {start} as started_at,
                case when "Churn Value" = '1' then timestamp '2019-10-15' end as ended_at,
                "Monthly Charge"::double as monthly_amount
            from {services} as services inner join {status} as status using ("Customer ID")""",
        "survey_responses": """
            select "Customer ID" as response_id, "Customer ID" as customer_id, 'csat' as survey_type,
                'billing_page' as touchpoint, "Satisfaction Score"::double as score, 1.0 as scale_min, 5.0 as scale_max,
                timestamp '2019-10-10' as responded_at
            from {status} as status""",
    }

    def make(folder: Path) -> None:
        queries = {name: sql(query, **parts) for name, query in tables.items()}
        built(Workplace(folder), queries, "--as-of", "2019-12-31")

    return Workplace(made_once("telco", make))


def test_the_telco_loses_its_churned_customers_and_keeps_the_others(telco: Workplace):
    october = values(telco, "month", "2019-10-01")
    assert october["monthly_customer_churn_rate"] == (pytest.approx(1_869 / 7_043, rel=1e-12), 7_043)
    assert october["monthly_customer_retention_rate"] == (pytest.approx(5_174 / 7_043, rel=1e-12), 7_043)
    assert (round(100 * october["touchpoint_csat"][0], 4), october["touchpoint_csat"][1]) == (41.7152, 7_043)
    assert rejected(telco) == {}


def test_the_telco_loses_the_revenue_of_those_who_left(telco: Workplace, shared_data: Path):
    query = sql(
        """select sum("Monthly Charge"::double) filter ("Churn Value" = '0') / sum("Monthly Charge"::double)
        from {services} inner join {status} using ("Customer ID")""",
        services=telco_file(shared_data, "services"),
        status=telco_file(shared_data, "status"),
    )
    (kept,) = duckdb.sql(query).fetchone()
    value, n = values(telco, "month", "2019-10-01")["monthly_net_revenue_retention"]
    assert (value, n) == (pytest.approx(kept, rel=1e-9), 7_043)


def test_churn_of_a_month_without_tickets_is_not_silent(telco: Workplace):
    # Without tickets nobody can say who left in silence.
    assert "silent_churn_rate" not in values(telco)


LATE = Sql("(order_delivered_customer_date::timestamp > order_estimated_delivery_date::timestamp)::integer")


def olist_parts(folder: Path) -> dict[str, Sql]:
    """Of queries: what reads the files, orders with their customers first."""
    files = {
        name: rows_of(folder / f"olist_{name}_dataset.csv.gz")
        for name in ("orders", "customers", "order_items", "order_reviews")
    }
    joined = "from {orders} as orders inner join {customers} as customers using (customer_id)"
    return {
        "from_orders": sql(joined, orders=files["orders"], customers=files["customers"]),
        "items": files["order_items"],
        "reviews": files["order_reviews"],
        "late": LATE,
    }


@pytest.fixture(scope="module")
def olist(made_once: Make, shared_data: Path) -> Workplace:
    """A sample of Olist's shop. An order has a customer id of its own; the person is customer_unique_id. A review of a
    parcel with several orders repeats its id."""
    tables = {
        "orders": """
            select order_id, customer_unique_id as customer_id, order_purchase_timestamp::timestamp as ordered_at,
                spent.amount
            {from_orders}
            left join (
                select order_id, sum(price::double) as amount from {items} group by order_id
            ) as spent using (order_id)""",
        "survey_responses": """
            select review_id || ':' || order_id as response_id, customer_unique_id as customer_id,
                'csat' as survey_type, 'delivery' as touchpoint,
                review_score::double as score, 1.0 as scale_min, 5.0 as scale_max,
                review_answer_timestamp::timestamp as responded_at
            {from_orders} inner join {reviews} as reviews using (order_id)""",
        # Segments by what became of the promised day, so that what it did to customers can be read from the metrics.
        "customers": """
            select customer_unique_id as customer_id, min(order_purchase_timestamp::timestamp) as acquired_at,
                case when max({late}) = 1 then 'late' when count({late}) > 0 then 'in_time' else 'not_delivered' end
                    as segment
            {from_orders}
            group by customer_unique_id""",
        "touchpoint_events": """
            select order_id as touchpoint_event_id, customer_unique_id as customer_id, 'delivery' as touchpoint,
                order_delivered_customer_date::timestamp as occurred_at
            {from_orders}
            where order_delivered_customer_date is not null""",
    }

    def make(folder: Path) -> None:
        # A year after the last order, everybody has had a year to come back.
        segments = "".join(f"segment,{segment}\n" for segment in ("in_time", "late", "not_delivered"))
        queries = {name: sql(query, **olist_parts(shared_data / "olist")) for name, query in tables.items()}
        # Its file ends with 2018; that nobody came back afterwards is what its published answers take for known.
        until = "{canonical: {orders: 2019-12-31, touchpoint_events: 2019-12-31, survey_responses: 2019-12-31}}"
        built(Workplace(folder), queries, "--as-of", "2019-12-31", labels=segments, delivered_until=until)

    return Workplace(made_once("olist", make))


def test_the_shop_has_its_customers_and_those_who_came_again(olist: Workplace):
    counted = asked(
        olist,
        """select count(*), sum(orders), count_if(orders > 1)
        from (select customer_id, count(*) as orders from experience.fct_orders group by customer_id)""",
    )
    assert counted == [(8_016, 8_135, 73)]


def test_repeat_purchases_are_later_orders_within_a_year(olist: Workplace):
    # Of the 73, six ordered twice in one moment and nothing later, and one came back after more than a year.
    assert values(olist)["repeat_purchase_rate"] == (pytest.approx(66 / 8_016, rel=1e-12), 8_016)


def test_every_review_counts_also_where_its_id_repeats(olist: Workplace):
    value, n = values(olist)["touchpoint_csat"]
    assert (round(100 * value, 4), n) == (55.1733, 8_225)
    assert rejected(olist) == {}


def test_journeys_of_the_shop_begin_with_a_purchase_and_end_after_half_a_year_of_silence(
    olist: Workplace, shared_data: Path
):
    # Orders of a customer belong together while no more than 180 days lie between two of them.
    query = sql(
        """select count_if(ordered_before is null or ordered_at > ordered_before + interval 180 day),
            count(delivered_at)
        from (
            select order_purchase_timestamp::timestamp as ordered_at, order_delivered_customer_date as delivered_at,
                lag(ordered_at) over (partition by customer_unique_id order by ordered_at) as ordered_before
            {from_orders}
        )""",
        **olist_parts(shared_data / "olist"),
    )
    orders, delivered = duckdb.sql(query).fetchone()
    assert (orders, delivered) == (8_026, 5_170)
    counted = asked(
        olist,
        """select count(*), count(purchased_at), count_if(outcome = 'lapsed'), sum(touchpoints)::bigint,
            count_if(ended_at >= purchased_at + interval 180 day) from journey.fct_journeys""",
    )
    assert counted == [(orders, orders, orders, delivered, orders)]
    # In the shop's own data 45 reviews are older than the purchase; they belong to the journey that led to it.
    assert asked(olist, "select count(*) from journey.fct_journeys where started_at < purchased_at") == [(45,)]
    assert asked(olist, "select count(*) from journey.fct_journeys where started_at > purchased_at") == [(0,)]


def test_the_shop_shows_purchase_delivery_and_review_and_no_other_stage(olist: Workplace):
    stages = asked(
        olist,
        """select stage, status, count(*), sum(touchpoints)::bigint, sum(csat_answers)::bigint, count(contacts)
        from journey.fct_journey_stages where entered_at is not null or touchpoints > 0 or csat_answers > 0
        group by stage, status""",
    )
    assert stages == [("purchase", "dropped", 8_026, 5_170, 8_225, 0)]


def test_late_deliveries_show_as_friction_at_their_stage(olist: Workplace, shared_data: Path):
    query = sql(
        """with customers as (
            select customer_unique_id, case when max({late}) = 1 then 'late' when count({late}) > 0 then 'in_time'
                else 'not_delivered' end as segment
            {from_orders} group by customer_unique_id
        )
        select segment, avg((review_score::integer >= 4)::integer), count(*), avg((review_score::double - 1) / 4)
        {from_orders}
        inner join customers as segments using (customer_unique_id)
        inner join {reviews} using (order_id)
        group by segment order by segment""",
        **olist_parts(shared_data / "olist"),
    )
    expected = duckdb.sql(query).fetchall()
    by_segment = asked(
        olist,
        """select dimension_value, value, n from metrics.metric_values
        where metric = 'touchpoint_csat' and dimension = 'segment' and grain = 'all' order by dimension_value""",
    )
    assert [row[0] for row in by_segment] == ["in_time", "late", "not_delivered"]
    assert by_segment == [(segment, pytest.approx(share), n) for segment, share, n, _ in expected]
    of_the_stage = asked(
        olist,
        """select segment, sum(csat_answers * satisfaction) / sum(csat_answers)
        from journey.fct_journey_stages inner join experience.dim_customers using (customer_id)
        where stage = 'purchase' group by segment order by segment""",
    )
    assert of_the_stage == [(segment, pytest.approx(mean)) for segment, _, _, mean in expected]
    (in_time, late, _) = (mean for _, mean in of_the_stage)
    assert late < in_time - 0.3


def nothing_is_invented(workplace: Workplace) -> None:
    """Of a source without contacts the audit tests nothing and says so."""
    found = asked(
        workplace,
        """select count(*) > 0, bool_and(finding = 'insufficient sample'), count(contacts), count(service_score),
            count(adjusted_difference), count(revenue_at_risk), sum(affected)::bigint, max(journeys) > 0
        from journey.experience_audit""",
    )
    assert found == [(True, True, 0, 0, 0, 0, 0, True)]
    assert asked(workplace, "select count(*) from journey.contact_ownership") == [(0,)]
    assert asked(workplace, "select count(is_silent), count(is_satisfied) from journey.fct_churned_customers") == [
        (0, 0)
    ]
    shown = workplace.cx_succeeds("audit")
    assert "No contact has a cause that is known." in shown
    assert "SYNTHETIC" not in shown


def test_the_audit_of_the_shop_invents_nothing(olist: Workplace):
    nothing_is_invented(olist)


def test_journeys_of_the_telco_end_for_those_who_churned_and_for_nobody_else(telco: Workplace):
    assert asked(telco, "select outcome, count(*) from journey.fct_journeys group by outcome order by outcome") == [
        ("active", 5_174),
        ("churned", 1_869),
    ]
    assert asked(telco, "select count(*), count(distinct customer_id) from journey.fct_churned_customers") == [
        (1_869, 1_869)
    ]
    # Who stayed shorter than the onboarding was lost in the purchase, the others in use.
    dropped = dict(asked(telco, "select stage, count(*) from journey.fct_churned_customers group by stage"))
    assert set(dropped) == {"purchase", "use"}
    assert asked(telco, "select count(*) from journey.fct_journeys where ended_at <> timestamp '2019-10-15'") == [(0,)]


def test_the_audit_of_the_telco_invents_nothing(telco: Workplace):
    nothing_is_invented(telco)
