# Time detectors inside R, without its start: Rscript detection.R COUNTS.csv METHOD=SERIES …
# Writes METHOD,series-weeks a second. ESSENCE needs the files of Rnssp in the folder $RNSSP (not in Debian).
arguments <- commandArgs(trailingOnly = TRUE)
if (!requireNamespace("surveillance", quietly = TRUE)) quit()
suppressMessages(library(surveillance))
counts <- as.matrix(read.csv(arguments[1], header = FALSE))
weeks <- nrow(counts)
calls <- list(
  "ears-c1" = function(s) earsC(s, list(method = "C1")),
  "ears-c2" = function(s) earsC(s, list(method = "C2")),
  "ears-c3" = function(s) earsC(s, list(method = "C3")),
  "cusum" = function(s) cusum(s, list(range = 105:weeks, trans = "rossi"), verbose = FALSE),
  "glrnb" = function(s) suppressMessages(glrnb(s, list(range = 105:weeks, alpha = 0.1), verbose = FALSE))
)
if (nzchar(Sys.getenv("RNSSP"))) {
  suppressMessages({library(dplyr); library(tidyr); library(purrr); library(rlang); library(lubridate)})
  invisible(Sys.setlocale("LC_TIME", "C"))
  for (file in c("ewma", "regression", "switch")) source(file.path(Sys.getenv("RNSSP"), paste0("alert_", file, ".R")))
  is.grouped_df <- dplyr::is.grouped_df
  calls[["essence"]] <- function(s) for (k in seq_len(ncol(s))) alert_switch(
    data.frame(date = as.Date("2016-01-04") + seq_len(weeks) - 1, count = as.vector(observed(s)[, k])))
}
for (argument in arguments[-1]) {
  part <- strsplit(argument, "=")[[1]]
  call <- calls[[part[1]]]
  if (is.null(call)) next
  n <- as.integer(part[2])
  series <- sts(counts[, seq_len(n), drop = FALSE], frequency = 52)
  invisible(call(series[, 1]))
  seconds <- min(replicate(3, sum(system.time(call(series))[1:2])))  # processor time, as on the other side
  cat(part[1], ",", n * weeks / seconds, "\n", sep = "")
}
