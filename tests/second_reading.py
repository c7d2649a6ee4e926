"""A second reading of the facts of seven episodes.

Made from the five source documents, the evidence notes and the vocabulary of levers alone,
without looking at configs/scenario. A tuple is a set of alternatives, except in
`pathfinder_regions`, where it is the list itself. A sign is that of the lever at the launch:
"zero" is absent, "positive" is present; "negative" is below zero or, where a lever cannot be
below zero and is neutral at 1, below neutral. "Doubtful" opens a note on an inference.
"""

from __future__ import annotations

from dataclasses import dataclass

Value = float | int | str | tuple[float | int | str, ...]

HSJ_MARCH = "Health Service Journal, March 2010"
HSJ_SPRING = "Health Service Journal, spring 2010"
HSJ_BOTH = "Health Service Journal, March 2010 and spring 2010"
MANAGER = "Healthcare Manager, spring 2017"
PROCUREMENT = "a procurement journal, summer 2016"
MANAGER_AND_PROCUREMENT = "Healthcare Manager, spring 2017; a procurement journal, summer 2016"
HSJ_2012 = "Health Service Journal, 2012"
CHECKPOINT = "NHS England, 14 May 2012"
AUDIT = "National Audit Office, May 2016"
HISTORIES = "the catalogue of histories in the evidence notes"


@dataclass(frozen=True)
class Fact:
    """One fact: where it goes, what it says, who published it, and how it was read."""

    key: str
    value: Value
    source: str
    note: str = ""


READING: dict[str, tuple[Fact, ...]] = {
    "nhs_employers_2009": (
        Fact(
            "start",
            ("2009-10", "2009-11"),
            HSJ_BOTH,
            "October in the first report, the November conference in the second.",
        ),
        Fact("levers.upfront_fee_gbp", 35_000, HSJ_MARCH, "Cost of joining, before any saving."),
        Fact(
            "levers.yearly_fee_gbp:sign",
            ("zero", "positive"),
            HSJ_MARCH,
            "Doubtful: called a subscription, but no running fee is mentioned.",
        ),
        Fact("levers.term_years", 3, HSJ_SPRING, "Membership ran for three years."),
        Fact("levers.target_joined", 200, HSJ_MARCH, "To be reached by March 2010."),
        Fact(
            "levers.review_month",
            (4, 5, 6),
            HSJ_BOTH,
            "Doubtful: no review was announced. From November or October to March, or to its end.",
        ),
        Fact(
            "levers.scrap_below_share:sign",
            "positive",
            HSJ_BOTH,
            "Too few signatures was one of two reasons; no threshold is given. "
            "It was stopped at 17 of 200, a share of 0.085.",
        ),
        Fact(
            "levers.offset_gbp",
            (0, 1_800_000),
            HSJ_SPRING,
            "Underspend on the department's contract; whether it may cover the loss was undecided.",
        ),
        Fact(
            "levers.bundle_share:sign",
            "positive",
            HSJ_BOTH,
            "At the launch: the vacancies website was to come free with membership, "
            "though the department says the provider knew that it did not own it.",
        ),
        Fact(
            "levers.claimed_saving_share:sign",
            "positive",
            HSJ_MARCH,
            "Many millions, and half the time to recruit; no share and no sum for one trust.",
        ),
        Fact(
            "levers.misfit:sign",
            "positive",
            HSJ_MARCH,
            "At the launch: bodies other than acute trusts thought it did not suit them.",
        ),
        Fact(
            "levers.legal_risk_per_year:sign",
            "positive",
            HSJ_SPRING,
            "At the launch: officials warned on 30 October 2009 that a term signed without a "
            "tender ran a high risk of challenge. Both sides agreed not to mention the procurement "
            "issue at the launch, so trusts may not have known.",
        ),
        Fact(
            "levers.budget_squeeze:sign",
            "positive",
            HSJ_MARCH,
            "Hard finances made spending more on HR difficult; a stated reason for stopping.",
        ),
        Fact(
            "levers.savings_drive:sign",
            "positive",
            HSJ_MARCH,
            "Trusts were looking at shared services and outsourcing in order to save.",
        ),
        Fact(
            "levers.mandate:sign",
            "zero",
            HSJ_MARCH,
            "Doubtful only in that no one says so outright: bodies signed up or did not.",
        ),
        Fact(
            "levers.endorsement:sign",
            ("negative", "zero"),
            HSJ_BOTH,
            "Concern at the department, denied by one of its sources; commitments were made "
            "against its advice. In public it was silent at the launch.",
        ),
        Fact(
            "levers.opens_month",
            1_000_000,
            HSJ_BOTH,
            "Doubtful: both reports speak of what the service would have done, so no member "
            "seems to have been served before it was stopped. Never is 1,000,000.",
        ),
        Fact(
            "levers.share_replaced:sign",
            "zero",
            HSJ_MARCH,
            "Doubtful: services beside a body's own department of human resources.",
        ),
        Fact(
            "event:2010-03:premise_gone",
            "up",
            HSJ_BOTH,
            "The tender and hard finances are the reasons that were given for the end.",
        ),
        Fact(
            "levers.contract_security:sign",
            "positive",
            HSJ_MARCH,
            "Doubtful: at the launch the provider held a contract up to the end of the year.",
        ),
        Fact(
            "event:2009-12:endorsement",
            "down",
            HSJ_SPRING,
            "Letter of 18 December 2009, private until it was released in 2010.",
        ),
        Fact(
            "event:2010-03:bundle_share",
            "down",
            HSJ_BOTH,
            "The vacancies website was put out to tender. The provider had known of it since 2009.",
        ),
        Fact(
            "event:2010-03:endorsement",
            "down",
            HSJ_MARCH,
            "Doubtful: the tender was read as a blow; the department called it a separate matter.",
        ),
        Fact(
            "event:2010-03:contract_security",
            "down",
            HSJ_MARCH,
            "Contract for the coming year not renewed; assurances on governance asked for first.",
        ),
        Fact(
            "event:2010-04:contract_security",
            0,
            HSJ_SPRING,
            "Month by month, for three months at first. Doubtful: April or May; the report "
            "says earlier in its own month.",
        ),
        Fact(
            "approached",
            200,
            HSJ_MARCH,
            "A target over trusts, social care bodies and charities; not a population. "
            "How many were asked is not said.",
        ),
        Fact("observed.joined", 17, HSJ_MARCH, "Count when it was stopped, in March 2010."),
        Fact("observed.interested", 9, HSJ_MARCH, "On top of those that had signed."),
        Fact(
            "observed.provider_loss_gbp",
            3_400_000,
            HSJ_SPRING,
            "Equals the sum invested and committed; 1.6m net, were the underspend allowed.",
        ),
        Fact("provider.invested_gbp", 2_200_000, HSJ_MARCH, "Spent by March 2010."),
        Fact("provider.committed_gbp", 1_200_000, HSJ_MARCH, "Over the two years to come."),
        Fact("provider.parent_income_gbp", 30_000_000, HSJ_MARCH, "In 2008-09."),
        Fact(
            "provider.parent_dependence_share",
            0.587,
            HSJ_BOTH,
            "17.6m of 30m in 2008-09, virtually all from the department; the second report "
            "says more than half.",
        ),
        Fact("providers", 1, HSJ_MARCH, "One provider, with a private company in support."),
        Fact(
            "functions",
            (1, 4, 5, 6),
            HSJ_MARCH,
            "Doubtful: one function (HR), or the services listed: recruitment, record checks, "
            "wellbeing, pay and pension reviews as one or two; the vacancies website besides.",
        ),
        Fact("finding", "fewer", HSJ_MARCH, "Signatures, against the target."),
        Fact("finding", "fewer", HSJ_MARCH, "Small trusts: the fee on signing was too high."),
        Fact("finding", "fewer", HSJ_MARCH, "Bodies other than acute trusts: it did not fit."),
        Fact("finding", "scrapped", HSJ_BOTH, "In March 2010, for the tender and poor interest."),
    ),
    "stp_back_office_2016": (
        Fact(
            "start",
            ("2016-06", "2016-07"),
            MANAGER_AND_PROCUREMENT,
            "June by one; some four weeks before the end of July by the other.",
        ),
        Fact(
            "levers.deadline_month",
            1,
            PROCUREMENT,
            "Outline plans were due before the end of July 2016, the month after the request.",
        ),
        Fact(
            "levers.sanction_share:sign",
            "zero",
            MANAGER_AND_PROCUREMENT,
            "At the launch: nothing is said of what a region without a plan would suffer.",
        ),
        Fact(
            "levers.migration_months",
            6,
            MANAGER,
            "Common systems over the next six months; stated in spring 2017.",
        ),
        Fact("regions", 44, MANAGER, "From a remark on doing the same thing 44 times over."),
        Fact("pathfinders", (4, 5), MANAGER, "Four are named; one later sentence says five."),
        Fact(
            "pathfinder_regions",
            (
                "North West London",
                "Greater Manchester",
                "Mid and South Essex",
                "Kent and Medway",
            ),
            MANAGER,
            "Chosen by the centre for spread over the country and for different maturity.",
        ),
        Fact(
            "event:2017-03:pathfinders",
            (4, 5),
            MANAGER,
            "Doubtful: known by spring 2017; nothing says that they existed at the launch.",
        ),
        Fact(
            "observed.regions_planned",
            (4, 5),
            MANAGER,
            "Doubtful: the pathfinders are the only regions said to be at work in spring 2017; "
            "none is said to have an agreed plan.",
        ),
        Fact("spend_gbp", 3_300_000_000, MANAGER, "A year, more than this; the centre's claim."),
        Fact(
            "saving_potential_gbp",
            480_000_000,
            MANAGER,
            "More than this, if those above the median of their kind came down to it. "
            "33 % lies in IT and 25 % in governance and risk, both hard to get.",
        ),
        Fact(
            "functions",
            (6, 5),
            MANAGER_AND_PROCUREMENT,
            "Finance, governance, HR, IT, legal, procurement; in 2016 it was not clear "
            "whether procurement belonged. Pathology was asked for alongside.",
        ),
        Fact(
            "levers.claimed_saving_share:sign",
            "positive",
            MANAGER,
            "480m of 3.3bn is 0.145, computed; for the system as a whole, not for every trust.",
        ),
        Fact(
            "levers.pressure:sign",
            "positive",
            MANAGER_AND_PROCUREMENT,
            "At the launch: a demand by one, a request by the other.",
        ),
        Fact(
            "levers.mandate:sign",
            "zero",
            MANAGER,
            "Plans need no sign-off. Doubtful: the other source fears that trusts are pushed "
            "into set structures.",
        ),
        Fact(
            "levers.endorsement:sign",
            "positive",
            MANAGER,
            "Asked for by the head of the regulator.",
        ),
        Fact(
            "levers.leadership:sign",
            "positive",
            MANAGER,
            "Doubtful: the centre means to keep up momentum, as stated in spring 2017.",
        ),
        Fact(
            "levers.benchmark_weight:sign",
            "zero",
            MANAGER,
            "Doubtful: at the launch nothing is said of benchmarks; they came back in 2017.",
        ),
        Fact(
            "levers.gap_analysis:sign",
            ("zero", "positive"),
            MANAGER_AND_PROCUREMENT,
            "Doubtful: four weeks leave no time for one by the 2016 source; the centre says "
            "in 2017 that pathfinders understand the need.",
        ),
        Fact(
            "levers.alignment_first:sign",
            ("zero", "positive"),
            MANAGER_AND_PROCUREMENT,
            "Haste makes the 2016 source fear sharing without alignment; by 2017 common "
            "systems are the first step.",
        ),
        Fact(
            "levers.staged:sign",
            "positive",
            MANAGER,
            "Common management information in six months, then one provider, then perhaps the "
            "market. Stated in spring 2017; doubtful for the launch.",
        ),
        Fact(
            "levers.market_saving_share:sign",
            "positive",
            MANAGER,
            "Doubtful: a market test is a possible last stage; no saving is named.",
        ),
        Fact(
            "levers.collaboration_share:sign",
            "positive",
            PROCUREMENT,
            "At the launch: much voluntary collaboration, in procurement at least.",
        ),
        Fact(
            "levers.budget_squeeze:sign",
            "positive",
            PROCUREMENT,
            "At the launch: overspends, and demand beyond the settlement.",
        ),
        Fact(
            "levers.savings_drive:sign",
            "positive",
            MANAGER_AND_PROCUREMENT,
            "At the launch: the scheme is itself a search for efficiency.",
        ),
        Fact(
            "levers.capacity:sign",
            "negative",
            MANAGER,
            "Below its neutral 1: managers have many other things to do at the same time.",
        ),
        Fact(
            "levers.autonomy:sign",
            "zero",
            MANAGER,
            "Doubtful as a zero: members lose tailored systems and control; how much is not said.",
        ),
        Fact(
            "levers.exit_freedom:sign",
            "zero",
            MANAGER,
            "Doubtful as a zero: a remark on shared systems at large, that they tie one down.",
        ),
        Fact(
            "levers.staff_leaving_share:sign",
            "positive",
            MANAGER,
            "Outsourcing is an option, offshoring is likely, and the centre promises nothing; "
            "a team within one trust is an option too.",
        ),
        Fact(
            "event:2016:news_saving_share",
            "down",
            MANAGER_AND_PROCUREMENT,
            "The audit office's report on Whitehall, called recent in summer 2016.",
        ),
        Fact(
            "event:2016-10:news_saving_share",
            "down",
            MANAGER,
            "Autumn 2016, month uncertain: parliament debates failings in primary care support.",
        ),
        Fact(
            "event:2017-02:news_saving_share",
            "down",
            MANAGER,
            "The unread mail came out in the month before the article; month uncertain.",
        ),
        Fact(
            "event:2017-03:pressure",
            "up",
            MANAGER,
            "Spring 2017, month uncertain.",
        ),
        Fact(
            "event:2017-07:pressure",
            "up",
            MANAGER,
            "From the second quarter of 2017-18 more regions must be moving; a trust that is not "
            "interested may find it counted in its inspection. Announced, not yet done.",
        ),
        Fact(
            "event:2017-03:sanction_share",
            "up",
            MANAGER,
            "Doubtful: a view on a trust that is not interested, of which no size is told.",
        ),
        Fact(
            "event:2017-03:benchmark_weight",
            "up",
            MANAGER,
            "Spend by function returned to each trust; month uncertain.",
        ),
        Fact(
            "event:2017-03:gap_analysis",
            "up",
            MANAGER,
            "Doubtful: in the pathfinders only, which look for what they have in common.",
        ),
        Fact(
            "event:2017-03:common_frameworks",
            "up",
            MANAGER,
            "A promise to do some of the groundwork; month uncertain.",
        ),
        Fact("finding", "below claimed", MANAGER, "Some savings cannot be cashed, as in estate."),
        Fact(
            "finding",
            "worse",
            PROCUREMENT,
            "Forecast: sharing without alignment brings disruption and poorer service.",
        ),
        Fact(
            "finding",
            "more",
            PROCUREMENT,
            "Forecast: sharing without alignment ends up costing more.",
        ),
        Fact(
            "finding",
            "some fail",
            MANAGER,
            "Forecast by the managers' union: pushed year by year for savings, much will collapse.",
        ),
        Fact(
            "finding",
            "more",
            MANAGER,
            "Hope of the centre: regions that follow once the pathfinders have shown the way.",
        ),
    ),
    "cabinet_office_2012": (
        Fact("start", "2012", MANAGER, "Year of the strategy."),
        Fact("providers", 2, MANAGER_AND_PROCUREMENT, "Two centres."),
        Fact(
            "levers.gap_analysis:sign",
            "zero",
            MANAGER,
            "At the launch: how far departments would have to change was never assessed.",
        ),
        Fact(
            "levers.alignment_first:sign",
            "zero",
            MANAGER_AND_PROCUREMENT,
            "At the launch: users were pushed in before systems and processes were aligned.",
        ),
        Fact(
            "levers.discount_share:sign",
            "positive",
            MANAGER,
            "From the first day.",
        ),
        Fact(
            "levers.conditional_share:sign",
            "zero",
            MANAGER,
            "The discount came whether or not a department had moved to the new systems.",
        ),
        Fact(
            "levers.leadership:sign",
            "zero",
            MANAGER,
            "The centre declined to hold departments together.",
        ),
        Fact(
            "levers.mandate:sign",
            ("positive", "zero"),
            MANAGER_AND_PROCUREMENT,
            "Likened to a whip that one escaped, yet all those of one centre could leave.",
        ),
        Fact(
            "levers.pressure:sign",
            "positive",
            MANAGER_AND_PROCUREMENT,
            "At the launch: a push driven by politics.",
        ),
        Fact(
            "levers.endorsement:sign",
            "positive",
            MANAGER,
            "At the launch: the centre's own strategy.",
        ),
        Fact("finding", "hasty", PROCUREMENT, "No deadline is named."),
        Fact(
            "levers.exempt_share:sign",
            "positive",
            MANAGER,
            "One department, health, on the ground that it had a centre of its own.",
        ),
        Fact(
            "levers.exit_freedom:sign",
            "positive",
            MANAGER,
            "Departments did leave.",
        ),
        Fact("finding", "late", MANAGER, "Many departments, before 2016; no plan is given."),
        Fact("approached", (26, 27), AUDIT, "26 customers planned; one department was exempt."),
        Fact(
            "levers.opens_month",
            (15, 16, 17),
            AUDIT,
            "Doubtful: counted back from two customers on the platform after two and a half years.",
        ),
        Fact("observed.aligned", 2, AUDIT, "On the common platform, after two and a half years."),
        Fact("observed.served", 11, AUDIT, "Departments that took services."),
        Fact("observed.left", 4, AUDIT, "Customers of one centre."),
        Fact(
            "levers.supplier_saving_share:sign",
            "positive",
            MANAGER,
            "Suppliers' plans counted on savings that slipped timetables kept from them.",
        ),
        Fact(
            "levers.claimed_saving_share:sign",
            "positive",
            MANAGER,
            "Significant savings were expected; no figure in the source.",
        ),
        Fact(
            "levers.professions_lead:sign",
            "zero",
            MANAGER,
            "Doubtful: at the launch; the networks are said to have begun to lead later.",
        ),
        Fact(
            "event:2016:news_saving_share",
            "down",
            MANAGER_AND_PROCUREMENT,
            "A very critical report of the audit office, out by the summer.",
        ),
        Fact(
            "event:2017:professions_lead",
            "up",
            MANAGER,
            "Doubtful date: the turn came before spring 2017, perhaps in 2016.",
        ),
        Fact(
            "observed.worst_exit_share",
            1.0,
            MANAGER,
            "All departments due to join one centre left; due to join, so not all were served.",
        ),
        Fact(
            "observed.rejoined",
            3,
            MANAGER,
            "Two departments and an agency, by spring 2017; back in the programme, not "
            "necessarily from or to the same centre.",
        ),
        Fact("finding", "below claimed", MANAGER, "Savings and benefits, by the 2016 audit."),
        Fact("finding", "below claimed", MANAGER, "Suppliers' own savings."),
        Fact("finding", "all left", MANAGER, "Departments of one of the two centres."),
        Fact("finding", "some returned", MANAGER, "Three bodies, after years of stagnation."),
        Fact(
            "finding",
            "more",
            MANAGER,
            "Stable and going the right way in 2017, once professions led; still far from success.",
        ),
    ),
    "nhs_sbs": (
        Fact(
            "start", "2005-04", HISTORIES, "When the joint venture began, with some 36 customers."
        ),
        Fact("approached", 416, HISTORIES, "Bodies that it could serve from October 2006 on."),
        Fact("observed.joined", 89, HISTORIES, "Customers in November 2007."),
        Fact(
            "levers.waves_per_month",
            (4, 4.3, 4.35, 4.33),
            HISTORIES,
            "About one new customer a week, as claimed early in 2006.",
        ),
        Fact(
            "levers.claimed_saving_share",
            (0.3, 0.32, 0.34),
            HISTORIES,
            "What customers were said to save on average.",
        ),
        Fact(
            "provider.public_share",
            (0.49, 0.5),
            MANAGER_AND_PROCUREMENT,
            "0.49 rests on a reader's comment of 2016; the article of 2017 says only that it is "
            "a joint venture of the department and a company, which 0.5 stands for.",
        ),
        Fact("providers", 1, MANAGER, "The department's own centre."),
        Fact(
            "levers.endorsement:sign",
            "positive",
            MANAGER,
            "Doubtful: the department cites it as its own centre, yet seems not to buy from it.",
        ),
        Fact(
            "event:2017-02:incident_severity",
            "up",
            MANAGER,
            "500,000 items of medical mail left unread in a warehouse over five years; the "
            "date is that of the news, month uncertain, and the failure itself is older.",
        ),
        Fact(
            "event:2017-02:news_saving_share",
            "down",
            MANAGER,
            "The news made managers wary of sharing; month uncertain.",
        ),
        Fact("finding", "worse", MANAGER, "Service: test results among the unread mail."),
        Fact(
            "finding",
            "fewer",
            MANAGER,
            "The owning department seems not to be a customer; the regulator is one.",
        ),
    ),
    "primary_care_support_2015": (
        Fact("start", "2015", MANAGER, "Year of the contract."),
        Fact("providers", 1, MANAGER, "One company."),
        Fact(
            "provider.public_share",
            0,
            MANAGER,
            "Doubtful: the source does not state the ownership of the company.",
        ),
        Fact(
            "event:2016:incident_severity",
            "up",
            MANAGER,
            "Several serious failings by the doctors' association; some time before autumn 2016.",
        ),
        Fact(
            "event:2016-10:news_saving_share",
            "down",
            MANAGER,
            "Debate in parliament in autumn 2016; month uncertain.",
        ),
        Fact(
            "finding",
            "worse",
            MANAGER,
            "Level of the service, and uneven besides; the company apologised.",
        ),
    ),
    "nhs_wales": (
        Fact(
            "finding",
            "fair progress",
            MANAGER,
            "No number and no date; nothing says whether joining was compulsory.",
        ),
        Fact("providers", 1, MANAGER, "Doubtful: one scheme is spoken of, not how many centres."),
    ),
    "commissioning_support_2012": (
        Fact("start", "2012", HSJ_2012, "Doubtful: being set up then; no month of launch."),
        Fact(
            "providers",
            26,
            CHECKPOINT,
            "Plans at the second checkpoint; the journal itself gives no number.",
        ),
        Fact("observed.providers_passed", 14, CHECKPOINT, "Second checkpoint."),
        Fact("observed.providers_conditional", 9, CHECKPOINT, "Second checkpoint."),
        Fact("observed.providers_stopped", 3, CHECKPOINT, "Second checkpoint."),
        Fact(
            "levers.assessment_month:sign",
            "positive",
            HSJ_2012,
            "Assessed as businesses while being set up; a checkpoint fell in May 2012.",
        ),
        Fact(
            "levers.assessment_bar:sign",
            "positive",
            HSJ_2012,
            "A hard test, harder than the one for their customers.",
        ),
        Fact(
            "levers.assessment_margin:sign",
            "positive",
            CHECKPOINT,
            "Some plans went on with conditions.",
        ),
        Fact(
            "levers.in_house:sign",
            "positive",
            HSJ_2012,
            "Doubtful: some customers prefer NHS bodies as suppliers, not themselves by name.",
        ),
        Fact(
            "levers.redundancy_cost_share:sign",
            "positive",
            HSJ_2012,
            "Staff of the old trusts have entitlements.",
        ),
        Fact(
            "levers.redundancy_avoided_share:sign",
            "positive",
            HSJ_2012,
            "The editor's surmise: moving staff makes sense mainly to avoid such payments.",
        ),
        Fact(
            "levers.staff_leaving_share:sign",
            "zero",
            HSJ_2012,
            "At the launch, by a reader: staff hold contracts of the central board for some two "
            "years.",
        ),
        Fact(
            "event:2015:staff_leaving_share",
            "up",
            HSJ_2012,
            "Doubtful: a reader has the services leave the NHS in 2015, or perhaps 2016.",
        ),
        Fact(
            "levers.management_cost_cap:sign",
            "positive",
            HSJ_2012,
            "By a reader: the centre prescribes management costs closely.",
        ),
        Fact(
            "levers.reversal_risk:sign",
            "positive",
            HSJ_2012,
            "By a reader: the opposition would repeal the reform if elected in 2015, which "
            "deters private investment.",
        ),
        Fact(
            "levers.endorsement:sign",
            "positive",
            HSJ_2012,
            "The central board's own plan, which stresses businesses.",
        ),
        Fact(
            "levers.mandate:sign",
            "zero",
            HSJ_2012,
            "Doubtful: customers are to choose in a market, if it comes about.",
        ),
        Fact("finding", "hasty", HSJ_2012, "The move to a market; no time limit is named."),
        Fact("approached", 211, HISTORIES, "Commissioning groups, in June 2012."),
        Fact("observed.providers_open", 18, HISTORIES, "Units in May 2014; 9 a month later."),
        Fact("levers.merger:sign", "positive", HISTORIES, "From 18 units to 9, by merger."),
        Fact(
            "provider.public_share",
            1.0,
            HSJ_2012,
            "Doubtful: at the launch, since a reader has them outside the NHS only from 2015.",
        ),
        Fact("finding", "some fail", HSJ_2012, "Services in some regions; a forecast."),
        Fact(
            "finding",
            "more",
            HSJ_2012,
            "Customers for the survivors, from the failure of others; a forecast.",
        ),
    ),
}
