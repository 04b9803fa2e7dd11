# Reference numbers of the ESSENCE switch. Our calls; no code of the package.
#   Rscript tests/reference/temporal_essence.R FOLDER      where FOLDER holds R/alert_ewma.R, alert_regression.R and
#   alert_switch.R of github.com/CDCgov/Rnssp (commit 7f76909c57), which Debian does not package; needs dplyr, tidyr,
#   purrr, lubridate, data.table, cli (Debian).
# Reads temporal_daily.csv beside itself; writes temporal_essence.csv. Alert "red" is an alarm.
suppressMessages({library(dplyr); library(tidyr); library(purrr); library(rlang); library(lubridate)})
invisible(Sys.setlocale("LC_TIME", "C"))
arguments <- commandArgs()
here <- dirname(sub("--file=", "", grep("--file=", arguments, value = TRUE)))
for (file in c("ewma", "regression", "switch")) source(file.path(tail(arguments, 1), paste0("alert_", file, ".R")))
is.grouped_df <- dplyr::is.grouped_df
daily <- read.csv(file.path(here, "temporal_daily.csv"))
daily$date <- as.Date(daily$date)
tell <- function(case, detect, ...) do.call(rbind, lapply(unique(daily$series), function(name) {
  said <- detect(daily[daily$series == name, ], t = date, y = count, ...)
  said <- said[order(said$index), ]
  data.frame(case = case, series = name, index = said$index, expected = said$baseline_expected,
             statistic = said$test_statistic, p_value = said$p.value, alarm = as.integer(said$alert == "red"))
}))
rows <- rbind(
  tell("detector=switch", alert_switch), tell("detector=regression", alert_regression),
  tell("detector=ewma", alert_ewma), tell("detector=switch b=21 g=1 w1=0.3 w2=0.8", alert_switch, B = 21, g = 1, w1 = 0.3, w2 = 0.8))
for (column in c("expected", "statistic", "p_value")) rows[[column]] <- signif(rows[[column]], 12)
write.csv(rows, file.path(here, "temporal_essence.csv"), row.names = FALSE, na = "", quote = FALSE)
