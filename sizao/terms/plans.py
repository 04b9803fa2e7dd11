"""Why a plan gives somebody this room or this vehicle, or none."""

from sizao.terms.word import Word


class RoomNeed(Word):
    """What a room must have for those who are put into it."""

    ANY = "any", "普通房间", "Any room"
    ACCESSIBLE = "accessible", "无障碍房间", "An accessible room"
    FAMILY = "family", "家庭房间", "A family room"
    CARER_BED = "carer_bed", "陪护床位", "A bed for a carer"


class RoomReason(Word):
    """Why this room was proposed, or why none could be."""

    ALONE = "alone", "单人单间", "One person, one room"
    WITH_CARER = "with_carer", "未成年人或不能自理者与看护人同住", "With whoever looks after them"
    HOUSEHOLD = "household", "同户合住", "One household in one room"
    NEED_MET = "need_met", "满足特殊需求", "Has what they need"
    NEAREST = "nearest", "最近的可用场所", "The nearest site that fits"
    NEARER_FULL = "nearer_full", "较近场所留给更急需者", "Nearer rooms go to others who would lose more"
    IN_TIME = "in_time", "可按时入住", "Can be there in time"
    LATE = "late", "无法按时入住", "Will be there too late wherever they go"
    HOUSEHOLD_TOGETHER = "household_together", "与同户人员同一场所", "The same site as their household"
    HOUSEHOLD_SPLIT = "household_split", "同户人员分住不同场所", "Their household is at several sites"
    CLUSTER_APART = "cluster_apart", "本楼层仅本传播链人员", "Only their own cluster on the floor"
    CLUSTER_MIXED = "cluster_mixed", "与其他传播链人员同楼层", "Another cluster on the same floor"
    NO_CARER = "no_carer", "无看护人同行", "Nobody who would look after them goes along"
    NO_SUCH_ROOM = "no_such_room", "没有符合需求的房间", "No site has a room that fits"
    ALL_TAKEN = "all_taken", "符合需求的房间已用完", "All rooms that fit go to others"


class NotCarried(Word):
    """Why a request for a transfer is on no trip of a plan."""

    NO_PLACE = "no_place", "地点不明", "Where from or where to is not known"
    NO_VEHICLE = "no_vehicle", "没有符合要求的车辆", "No vehicle has what they need"
    NO_TIME = "no_time", "班次内无法完成", "No vehicle that fits can do it within its shift"
    NO_CAPACITY = "no_capacity", "车辆不足", "The vehicles that fit are needed for others first"
