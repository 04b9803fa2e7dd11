"""Where people were, in bulk: kinds of places, how near somebody was, and how a ranking weighs it."""

from sizao.terms.word import Word


class Layer(Word):
    """
    What a place of a presence is.

    A venue lies inside a cell, so that time in one layer is never added to time in another.
    """

    VENUE = "venue", "场所", "Venue"
    VEHICLE = "vehicle", "交通工具", "Vehicle"
    CELL = "cell", "空间网格", "Spatial cell"


class Tier(Word):
    """How near somebody was to a case; the later, the weaker."""

    SAME = "same", "同一地点", "Same place"
    NEIGHBOUR = "neighbour", "相邻网格", "Neighbour cell"
    SPACE_TIME = "space-time", "时空伴随", "Space-time companion"
    SECOND_RING = "second-ring", "密接的密接", "Contact of a contact"


class Ventilation(Word):
    """How the air of a place is renewed."""

    OUTDOOR = "outdoor", "室外", "Outdoors"
    VENTILATED = "ventilated", "通风良好", "Ventilated"
    CLOSED = "closed", "密闭", "Closed"
    UNKNOWN = "unknown", "通风不详", "Not known"


class DwellOf(Word):
    """Whose hours in a cell count for the space-time rule."""

    CONTACT = "contact", "对方", "The other person"
    CASE = "case", "病例", "The case"
    EITHER = "either", "任意一方", "Either of the two"


class Seating(Word):
    """What the seats in one vehicle say about a person and a case."""

    NEAR = "near", "属判定座位范围", "Within the seats of the rule"
    APART = "apart", "同乘、不在判定范围", "In the vehicle, outside the seats of the rule"
    UNKNOWN = "unknown", "座位不详", "Seat unknown"


class VehicleKind(Word):
    """The kinds of vehicles for which the rules say which seats are near."""

    AIRCRAFT = "aircraft", "民用航空器", "Aircraft"
    TRAIN_CLOSED = "train_closed", "全封闭空调列车", "Closed air-conditioned train"
    TRAIN_BERTH = "train_berth", "软卧列车", "Train with compartments of soft berths"
    TRAIN_OTHER = "train_other", "非全封闭列车", "Other train"
    COACH_CLOSED = "coach_closed", "全封闭空调客车", "Closed coach"
    COACH_AIRED = "coach_aired", "通风客车", "Aired coach"
    SHIP = "ship", "轮船", "Ship"
