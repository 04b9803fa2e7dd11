"""All sections of a protocol."""

from dataclasses import dataclass

from sizao.protocol.rules.care import FeverClinics, Medicines, PriorityGroups, Treatment, Vaccination
from sizao.protocol.rules.cases import BulletinRules, CaseRules, InvestigationRules, ReportRules
from sizao.protocol.rules.contacts import Contacts, Inbound, Spillover
from sizao.protocol.rules.identity import Identity, Limits
from sizao.protocol.rules.isolation import IsolationSites, Transport
from sizao.protocol.rules.movement import ColdChain, HealthCode, Movement
from sizao.protocol.rules.testing import Testing
from sizao.protocol.rules.zones import ZoneRules


@dataclass(frozen=True, slots=True)
class Sections:
    """A protocol's values by section, for looking; a decision reads them through `Rules.need`."""

    meta: Identity
    case: CaseRules
    report: ReportRules
    bulletin: BulletinRules
    investigation: InvestigationRules
    contacts: Contacts
    inbound: Inbound
    spillover: Spillover
    zones: ZoneRules
    testing: Testing
    isolation_site: IsolationSites
    transport: Transport
    treatment: Treatment
    priority_groups: PriorityGroups
    vaccination: Vaccination
    movement: Movement
    health_code: HealthCode
    cold_chain: ColdChain
    medicines: Medicines
    fever_clinic: FeverClinics
    limits: Limits
