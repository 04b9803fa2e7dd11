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


class NotBoarded(Word):
    """Why a crew could not take somebody along."""

    NOBODY_THERE = "nobody_there", "无人应答", "Nobody there"
    WRONG_PERSON = "wrong_person", "身份不符", "Not the person of the list"
    REFUSED = "refused", "本人拒绝", "Would not come"
    NEEDS_OTHER = "needs_other", "车辆不适合（需担架、轮椅或负压）", "Needs another vehicle"
    FEVER = "fever", "发热，须按病例转运", "Feverish: to be carried as a case"
    WORSE = "worse", "病情加重，已呼叫急救", "Much worse: an ambulance was called"
    OTHER = "other", "其他", "Something else"


class CrewAnswer(Word):
    """What became of an act that a crew's phone sent."""

    TAKEN = "taken", "已记录", "Recorded"
    REPEATED = "repeated", "此前已记录", "Recorded before"
    QUEUED = "queued", "已保存，待人工核对", "Kept, a person has to look at it"
    REFUSED = "refused", "未记录，请更正", "Not recorded: correct it"


class TransferOddityKind(Word):
    """What is odd about what a crew told; each waits for a person, or is settled by what comes later."""

    UNKNOWN_TRIP = "unknown_trip", "行程不属于本车组", "A trip that is not this crew's"
    CLOCK = "clock", "手机时间有误", "The telephone's clock is wrong"
    NOT_DISINFECTED = "not_disinfected", "上一趟未终末消毒即出车", "Set out before the trip before it was disinfected"
    BOARDING_UNKNOWN = "boarding_unknown", "到达但无上车记录", "Arrived, but nobody said when they boarded"
    ARRIVED_BEFORE = "arrived_before", "到达早于上车", "Arrived before they boarded"
    NOT_BOARDED = "not_boarded", "记为未接到，又记到达", "Said not to be picked up, and to have arrived"
    ELSEWHERE = "elsewhere", "行程中另有别处去向记录", "Recorded somewhere else while on the way"
    IN_TWO_VEHICLES = "in_two_vehicles", "同时在两辆车上", "In two vehicles at once"
    VEHICLE_TAKEN = "vehicle_taken", "同车有其他家庭或超员", "Another household was in the vehicle, or too many people"
    ROOM_TAKEN = "room_taken", "目的房间已有他人", "Another household is in the room"
    CANCELLED = "cancelled", "任务已取消仍被接送", "Carried although the trip had been cancelled"


class LateStep(Word):
    """The step of a transfer in which its time was lost."""

    APPROVAL = "approval", "审批", "Approval"
    DISPATCH = "dispatch", "派车", "Finding a vehicle"
    SETTING_OUT = "setting_out", "出车", "Setting out"
    PICK_UP = "pick_up", "接人", "Pick-up"
    DRIVE = "drive", "途中", "The drive"
