"""The clinic opens: programs, payers and their policies, staff, groups. Then the weeks run."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial
from random import Random

from aggregates.clinician.commands import (
    AssignSupervisor,
    CreateSigningKey,
    JoinAsClinician,
    RecordCredential,
    RecordPayerCredentialing,
)
from aggregates.group.commands import AssignFacilitator, FormGroup, ScheduleSeries
from aggregates.payer_policy.commands import PublishPolicy, RecordElectronicAddress
from aggregates.program.commands import (
    AdoptFeeSchedule,
    AdoptSchedule,
    DeclareClosure,
    OpenProgram,
    RecordPayerEnrollment,
    RecordProviderIdentity,
    RecordSubmitter,
)
from aggregates.program.facts import ProviderIdentity
from aggregates.values import Role, instant
from iop_es import serving
from iop_es.demo import care, intake, mess, money, room, stay
from iop_es.demo.agenda import Agenda, local
from iop_es.demo.charges import CHARGES
from iop_es.demo.desk import Desk, Person
from iop_es.demo.policies import ADDRESSES, policies
from iop_es.demo.world import CLOSED_ON, FIRST_DAY, SEATS, SETTINGS, Place, Setting, World
from iop_es.wiring import House

EXAMPLE_NPI = "1234567893"
CLINICIANS: tuple[tuple[str, str, str, str, Role, str | None, str], ...] = (
    ("hale", "Miriam", "Hale", "LCSW", "supervisor", None, "2999999016"),
    ("osei", "Kwame", "Osei", "LPC", "clinician", None, "2999999024"),
    ("tran", "Linh", "Tran", "LMSW", "clinician", "hale", "2999999032"),
    ("reyes", "Camila", "Reyes", "LCADC", "supervisor", None, "2999999040"),
    ("novak", "Petr", "Novak", "LAC", "clinician", "reyes", "2999999057"),
    ("lind", "Astrid", "Lind", "LMFT", "clinician", None, "2999999065"),
    ("amari", "Zola", "Amari", "LPC", "clinician", None, "2999999073"),
    ("weiss", "Jonah", "Weiss", "MD", "prescriber", None, "2999999081"),
)
"""Key, name, title, role, supervisor, and an NPI of right form that the registry has given to nobody: none of its
numbers begins with a 2 so far."""
OFFICE: tuple[tuple[str, Role], ...] = (
    ("desk", "front_desk"), ("biller", "biller"), ("director", "director"), ("auditor", "auditor"),
    ("reviewer", "utilization_reviewer"),
)

Progress = Callable[[date, int], None]


def last_day(weeks: int) -> date:
    """The day whose morning is today when the simulation stops: a Tuesday with groups, after a Monday with groups."""
    return FIRST_DAY + timedelta(weeks=weeks, days=1)


def ends(weeks: int) -> str:
    """The instant at which the simulation stops: 8:30 in the clinic's zone."""
    return instant(local(last_day(weeks), "08:30"))


def simulate(house: House, seed: int, weeks: int, patients: int, progress: Progress) -> None:
    """Runs the clinic in an empty simulation store; `progress(day, facts)` hears of each moment."""
    chance = Random(seed)  # noqa: S311 - a simulation must be repeatable, not secret
    desk = Desk(serving.documenting(house, remember=True), chance)
    world = World(desk, Agenda(), chance, weeks, Random(seed))  # noqa: S311 - as above
    world.agenda.put(local(FIRST_DAY - timedelta(days=14), "08:00"), lambda: _open(world))
    world.agenda.put(local(FIRST_DAY - timedelta(days=14), "09:00"), lambda: intake.plan(world, patients))
    for week in range(weeks):
        monday = FIRST_DAY + timedelta(weeks=week)
        world.agenda.put(local(monday - timedelta(days=3), "17:00"), partial(room.plan_week, world, monday))
        world.agenda.put(local(monday + timedelta(days=4), "17:30"), partial(care.review, world, house))
        world.agenda.put(local(monday + timedelta(days=4), "18:00"), partial(money.bill, world, house, monday))
    world.agenda.put(
        local(last_day(weeks) - timedelta(days=4), "17:00"),
        lambda: room.plan_week(world, last_day(weeks) - timedelta(days=1)),
    )
    mess.plan(world, stay.step_up)
    end: datetime = local(last_day(weeks), "08:30")
    for moment, doings in world.agenda.moments(end):
        desk.now = moment
        for doing in doings:
            doing()
        progress(date.fromisoformat(moment[:10]), desk.send())
    desk.now = ends(weeks)
    money.open_the_day(world, last_day(weeks))
    desk.send()


def _open(world: World) -> None:
    """Everything that stands before the first patient comes."""
    _hire(world)
    for setting in SETTINGS:
        _open_program(world, setting)
    _agree_with_payers(world)
    _join(world)
    for place in world.places.values():
        _form_groups(world, place)


def _hire(world: World) -> None:
    for key, given, family, _, role, supervisor, _ in CLINICIANS:
        world.staff[key] = Person(world.desk.new_id(), role, f"{given} {family}")
        if supervisor:
            world.supervised_by[key] = supervisor
    for key, role in OFFICE:
        world.staff[key] = Person(world.desk.new_id(), role, key)


def _open_program(world: World, setting: Setting) -> None:
    desk, director = world.desk, world.staff["director"]
    program_id = desk.new_id()
    world.places[setting.code] = Place(setting, program_id, tuple(desk.new_id() for _ in setting.hours))
    opened_on, holiday = "2025-01-01", CLOSED_ON.isoformat()
    desk.order(
        director,
        OpenProgram(
            program_id=program_id, code=setting.code, name=setting.name, level_of_care="intensive_outpatient",
            focus=setting.focus, population=setting.population, time_zone="America/New_York", opened_on=opened_on,
        ),
    )
    desk.order(
        director,
        AdoptSchedule(
            program_id=program_id, effective_from=opened_on, weekdays=setting.weekdays,
            daily_minutes=65 * len(setting.hours),
        ),
    )
    identity = ProviderIdentity(
        legal_name="Riverbend Behavioral Health (demo)", tax_id="00-0000000", license_number="DEMO-1",
        address="100 Example Street", city="Anytown", state="NC", postal_code="27000-0000",
    )
    desk.order(
        director,
        RecordProviderIdentity(
            program_id=program_id, effective_from=opened_on, npi=EXAMPLE_NPI, taxonomy="261QM0801X", identity=identity,
        ),
    )
    desk.order(
        director,
        RecordSubmitter(
            program_id=program_id, effective_from=opened_on, submitter_id="RIVERBENDDEMO",
            contact_name="Billing Office (demo)", contact_phone="919-555-0100",
        ),
    )
    desk.order(
        director,
        DeclareClosure(program_id=program_id, closed_from=holiday, closed_through=holiday, cause="holiday"),
    )
    desk.order(director, AdoptFeeSchedule(program_id=program_id, effective_from=opened_on, charges=CHARGES))


def _agree_with_payers(world: World) -> None:
    desk, biller = world.desk, world.staff["biller"]
    for name, policy in policies().items():
        world.payers[name], world.policies[name] = desk.new_id(), desk.new_id()
        desk.order(
            biller,
            PublishPolicy(
                policy_id=world.policies[name], payer_id=world.payers[name], payer_kind=policy.payer_kind,
                payer_name=policy.payer_name, code=policy.code, effective_from=policy.effective_from,
                terms=policy.terms,
            ),
        )
        desk.order(biller, RecordElectronicAddress(policy_id=world.policies[name], **ADDRESSES[name]))
        for place in world.places.values():
            if name in place.setting.payers:
                desk.order(
                    world.staff["director"],
                    RecordPayerEnrollment(
                        program_id=place.program_id, payer_id=world.payers[name], effective_from="2025-01-01"
                    ),
                )


def _join(world: World) -> None:
    desk, director = world.desk, world.staff["director"]
    programs = tuple(place.program_id for place in world.places.values())
    for key, given, family, title, _, supervisor, npi in CLINICIANS:
        person = world.staff[key]
        desk.order(
            director,
            JoinAsClinician(
                clinician_id=person.id, programs=programs, discipline=title, associate=supervisor is not None,
                joined_on="2025-01-01", family_name=family, given_name=given, npi=npi,
            ),
        )
        world.credentials[key] = desk.new_id()
        desk.order(
            director,
            RecordCredential(
                clinician_id=person.id, credential_id=world.credentials[key], title=title, jurisdiction="NC",
                active_from="2024-01-01", number=f"DEMO-{title}",
            ),
        )
        public_key = desk.documenting.desk.keyring.public_key(person.id, 1)
        desk.order(person, CreateSigningKey(clinician_id=person.id, number=1, public_key=public_key))
        for payer in world.payers.values():
            desk.order(
                director,
                RecordPayerCredentialing(clinician_id=person.id, payer_id=payer, effective_from="2025-01-01"),
            )
    for key, supervisor in world.supervised_by.items():
        desk.order(
            director,
            AssignSupervisor(
                clinician_id=world.staff[key].id, supervisor_id=world.staff[supervisor].id, effective_from="2025-01-01"
            ),
        )


def _form_groups(world: World, place: Place) -> None:
    desk, director, setting = world.desk, world.staff["director"], place.setting
    for hour, group_id in enumerate(place.groups):
        desk.order(
            director,
            FormGroup(
                group_id=group_id, program_id=place.program_id, topic=setting.topics[hour], capacity=SEATS,
                service_kind=setting.kinds[hour], formed_on="2025-01-01",
            ),
        )
        desk.order(
            director,
            ScheduleSeries(
                group_id=group_id, series_id=desk.new_id(), weekdays=setting.weekdays, starts=setting.hours[hour],
                minutes=65, effective_from="2025-01-01",
            ),
        )
        desk.order(
            director,
            AssignFacilitator(
                group_id=group_id, clinician_id=world.staff[setting.leaders[hour]].id, effective_from="2025-01-01"
            ),
        )
