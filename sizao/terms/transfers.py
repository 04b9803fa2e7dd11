"""Closed transport of people: requests, vehicles, trips and each moment of them."""

from sizao.terms.word import Word


class TransferVehicleKind(Word):
    """What people are carried in."""

    AMBULANCE = "ambulance", "救护车", "Ambulance"
    NEGATIVE_PRESSURE = "negative_pressure", "负压救护车", "Negative-pressure ambulance"
    CAR = "car", "小型转运车", "Car"
    BUS = "bus", "转运大巴", "Bus"


class VehicleState(Word):
    """Whether a vehicle may go out."""

    FREE = "free", "待命", "Free"
    ON_TRIP = "on_trip", "执行任务", "On a trip"
    TO_DISINFECT = "to_disinfect", "待终末消毒", "Waits for final disinfection"
    OUT_OF_SERVICE = "out_of_service", "停用", "Out of service"


class TransferKind(Word):
    """Why somebody is carried."""

    CASE = "case", "病例转运", "A case to hospital"
    CONTACT = "contact", "密接转运", "A contact to a site"
    FEVER = "fever", "发热密接转运（按病例）", "A feverish contact, carried as a case"
    CARE = "care", "送医就诊", "To medical care and back"
    HOME = "home", "解除返家", "Home after release"


class TransferState(Word):
    """Where a request for a transfer stands."""

    ASKED = "asked", "待审批", "Asked for"
    APPROVED = "approved", "待派车", "Approved"
    PLANNED = "planned", "已派车", "Planned"
    ON_WAY = "on_way", "转运中", "On the way"
    DONE = "done", "已送达", "Arrived"
    REFUSED = "refused", "不予批准", "Refused"
    CANCELLED = "cancelled", "已取消", "Cancelled"


TRANSFER_MOVES: dict[TransferState, set[TransferState]] = {
    TransferState.ASKED: {TransferState.APPROVED, TransferState.REFUSED, TransferState.CANCELLED},
    TransferState.APPROVED: {TransferState.PLANNED, TransferState.CANCELLED},
    TransferState.PLANNED: {TransferState.ON_WAY, TransferState.APPROVED, TransferState.CANCELLED},
    TransferState.ON_WAY: {TransferState.DONE},
    TransferState.DONE: set(),
    TransferState.REFUSED: set(),
    TransferState.CANCELLED: set(),
}


class TripState(Word):
    """Where a trip of a vehicle stands."""

    PLANNED = "planned", "待出车", "Planned"
    UNDER_WAY = "under_way", "已出车", "Under way"
    TO_DISINFECT = "to_disinfect", "待终末消毒", "Waits for final disinfection"
    CLOSED = "closed", "已结束", "Closed"
    CANCELLED = "cancelled", "已取消", "Cancelled"


class TripActKind(Word):
    """One timed act of a crew; where a trip stands follows from all of them, in whatever order they came."""

    SET_OUT = "set_out", "出车", "Set out"
    AT_DOOR = "at_door", "到达接人地点", "At the door"
    BOARDED = "boarded", "核对身份，上车", "Identity checked, boarded"
    NOT_BOARDED = "not_boarded", "未接到", "Could not be picked up"
    ARRIVED = "arrived", "到达", "Arrived"
    HANDED_OVER = "handed_over", "交接签收", "Handed over"
    DISINFECTED = "disinfected", "终末消毒完成", "Disinfected"
    RETURNED = "returned", "返回驻地", "Back at the base"
