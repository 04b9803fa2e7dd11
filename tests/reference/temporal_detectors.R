# Reference numbers of the temporal detectors other than Farrington. Our calls; no code of the packages.
#   Rscript tests/reference/temporal_detectors.R           with r-cran-surveillance 1.20.3 (Debian 12)
# Reads temporal_weekly.csv beside itself; writes temporal_ears.csv, temporal_cusum.csv, temporal_glrnb.csv.
suppressMessages(library(surveillance))
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
weekly <- read.csv(file.path(here, "temporal_weekly.csv"))
names <- unique(weekly$series)
counts <- sapply(names, function(name) weekly$count[weekly$series == name])
all <- sts(counts, frequency = 52)
start <- 105
monitored <- start:nrow(counts)

tell <- function(rows, file) {
  rows$upperbound <- signif(rows$upperbound, 12)
  write.csv(rows, file.path(here, file), row.names = FALSE, na = "", quote = FALSE)
}
long <- function(case, result, first) {
  shown <- first:nrow(counts)
  do.call(rbind, lapply(seq_along(names), function(k) data.frame(
    case = case, series = names[k], index = shown,
    upperbound = result@upperbound[, k], alarm = as.integer(result@alarm[, k]))))
}

first <- c(C1 = 8, C2 = 10, C3 = 12)
ears <- list()
for (method in names(first)) for (sigma in c(0, 0.5)) ears[[length(ears) + 1]] <- long(
  paste0("method=ears-", tolower(method), " min_sigma=", sigma),
  earsC(all, list(method = method, minSigma = sigma)), first[[method]])
ears[[length(ears) + 1]] <- long("method=ears-c1 baseline=14 alpha=0.05",
  earsC(all, list(method = "C1", baseline = 14, alpha = 0.05)), 15)
tell(do.call(rbind, ears), "temporal_ears.csv")

charts <- list()
for (trans in c("rossi", "standard", "anscombe", "anscombe2nd", "pearsonNegBin", "none")) charts[[trans]] <- long(
  paste0("trans=", tolower(trans)), cusum(all, list(range = monitored, trans = trans, k = 1.04, h = 2.26), verbose = FALSE), start)
for (m in list(5, "glm")) charts[[paste(m)]] <- long(paste0("m=", m, " trans=rossi"),
  cusum(all, list(range = monitored, trans = "rossi", m = m), verbose = FALSE), start)
tell(do.call(rbind, charts), "temporal_cusum.csv")

# glm.nb finds no dispersion for some of the series: those are left out where it is estimated.
charts <- list()
for (k in seq_along(names)) {
  one <- all[, k]
  chart <- function(case, ...) {
    said <- tryCatch(suppressWarnings(suppressMessages(glrnb(one, list(range = monitored, ...), verbose = FALSE))),
                     error = function(e) NULL)
    if (is.null(said)) return()
    mu0 <- said@control$mu0
    charts[[length(charts) + 1]] <<- data.frame(case = case, series = names[k], index = monitored,
      expected = signif(rep(mu0, length.out = length(monitored)), 12), upperbound = as.vector(said@upperbound),
      alarm = as.integer(said@alarm))
  }
  chart("alpha=none")
  chart("alpha=none s=2 trend=true", mu0 = list(S = 2, trend = TRUE))
  chart("alpha=none refit=true", mu0 = list(refit = TRUE))
  chart("alpha=0", alpha = 0)
  if (max(counts[, k]) < 100) chart("alpha=0 ret=cases", alpha = 0, ret = "cases")
  chart("alpha=0 refit=true trend=true", alpha = 0, mu0 = list(refit = TRUE, trend = TRUE))
  chart("alpha=0 m=10 m_tilde=3", alpha = 0, M = 10, Mtilde = 3)
  chart("alpha=0 dir=dec", alpha = 0, dir = "dec")
  chart("alpha=0 theta=0.5 ret=cases", alpha = 0, theta = 0.5, ret = "cases")
  chart("alpha=0.2", alpha = 0.2)
  # R tries count after count: hours for large ones.
  if (max(counts[, k]) < 20) chart("alpha=0.2 ret=cases x_max=60", alpha = 0.2, ret = "cases", xMax = 60)
  chart("alpha=0.2 m=8 m_tilde=2 c_arl=3", alpha = 0.2, M = 8, Mtilde = 2, c.ARL = 3)
  chart("alpha=0.2 dir=dec", alpha = 0.2, dir = "dec")
  chart("alpha=0.2 theta=0.5 ret=cases", alpha = 0.2, theta = 0.5, ret = "cases")
  chart("alpha=0 change=epi", alpha = 0, change = "epi")
  chart("alpha=0.2 change=epi", alpha = 0.2, change = "epi")
  chart("alpha=0.1 mu0=7", alpha = 0.1, mu0 = rep(7, length(monitored)))
}
tell(do.call(rbind, charts), "temporal_glrnb.csv")
