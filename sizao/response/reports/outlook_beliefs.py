"""
What the literature says of a disease before the outbreak has said enough itself, each value with its source.

These are facts of nature, not choices of an authority, so they stand here and not in a protocol edition.
"""

from dataclasses import dataclass

from sizao.errors import SizaoError


class NothingKnownOfDisease(SizaoError):
    code = "outlook.disease_unknown.conflict"
    message = (
        "No serial interval is on record for {disease}, so nothing can be worked out ahead. "
        "Add it with its source to sizao/response/reports/outlook_beliefs.py."
    )


@dataclass(frozen=True, slots=True)
class Belief:
    """
    Serial interval in days (mean and standard deviation, each with how sure it is) and spread of offspring.

    `serial_sd_log_sd` is the standard deviation of the logarithm of `serial_sd`. `dispersion` is k of the
    negative binomial number of secondary cases of one case, `dispersion_log_sd` how sure its logarithm is.
    """

    serial_mean: float
    serial_mean_sd: float
    serial_sd: float
    serial_sd_log_sd: float
    serial_source: str
    dispersion: float
    dispersion_log_sd: float
    dispersion_source: str


BELIEFS = {
    # All 28 pairs, lognormal, right truncation allowed for: mean 4.7 (3.7 to 6.0), SD 2.9 (1.9 to 4.9) days.
    # Contacts of 391 cases in Shenzhen under tracing and isolation: k = 0.58 (0.35 to 1.18).
    "covid-19": Belief(
        serial_mean=4.7,
        serial_mean_sd=0.6,
        serial_sd=2.9,
        serial_sd_log_sd=0.24,
        serial_source="Nishiura, Linton, Akhmetzhanov 2020, Int J Infect Dis 93:284–286",
        dispersion=0.58,
        dispersion_log_sd=0.31,
        dispersion_source="Bi et al. 2020, Lancet Infect Dis 20:911–919",
    ),
}


def belief(disease: str) -> Belief:
    """Give what the literature says of a disease; raise NothingKnownOfDisease."""
    if disease not in BELIEFS:
        raise NothingKnownOfDisease(disease=disease)
    return BELIEFS[disease]
