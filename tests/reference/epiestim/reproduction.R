# The numbers of EpiEstim 2.2-4 that sizao is compared with.
#
#   Rscript tests/reference/epiestim/reproduction.R ../shared/data/surveillance tests/reference/epiestim
#
# writes reproduction.csv, reproduction_uncertain.csv, cohort_reproduction.csv and growth.csv.

suppressMessages(library(EpiEstim))
options(warn = -1)
arguments <- commandArgs(trailingOnly = TRUE)
counts <- function(file, column) read.csv(file.path(arguments[1], file))[[column]]
save <- function(table, name) {
  numbers <- sapply(table, is.numeric)
  table[numbers] <- lapply(table[numbers], function(column) ifelse(is.na(column), "", sprintf("%.17g", column)))
  write.csv(table, file.path(arguments[2], name), row.names = FALSE, quote = FALSE)
}

baltimore <- counts("influenza_baltimore_1918_daily.csv", "cases")
zika <- counts("zika_girardot_2015_daily.csv", "cases")
covid <- counts("covid_example_confirmed_2020_daily.csv", "confirmed")
partly <- function(all) data.frame(local = all - all %/% 5, imported = all %/% 5)
first_imported <- function(table) {
  table$imported[1] <- table$imported[1] + table$local[1]
  table$local[1] <- 0
  table
}
flu <- c(0, 0.233, 0.359, 0.198, 0.103, 0.053, 0.027, 0.014, 0.007, 0.003, 0.002, 0.001)
long <- c(rep(0, 10), rep(0.1, 10))
quiet <- c(3, rep(0, 20), 4, 1, 0, 2, 6, rep(0, 12))

rows <- function(case, incidence, method, ...) {
  settings <- list(...)
  config <- make_config(settings, incid = incidence, method = method)
  R <- suppressMessages(estimate_R(incidence, method = method, config = config))$R
  names(R) <- c("t_start", "t_end", "mean", "std", "q025", "q05", "q25", "median", "q75", "q95", "q975")
  cbind(case = case, R)
}
np <- "non_parametric_si"
para <- "parametric_si"
save(rbind(
  rows("baltimore-gamma", baltimore, para, mean_si = 2.6, std_si = 1.5),
  rows("baltimore-distribution", baltimore, np, si_distr = flu),
  rows("baltimore-daily", baltimore, np, si_distr = flu, t_start = 2:92, t_end = 2:92),
  rows("baltimore-odd-windows", baltimore, np, si_distr = flu, t_start = c(2, 5, 5, 40, 2, 80), t_end = c(3, 5, 12, 92, 92, 80)),
  rows("baltimore-narrow-prior", baltimore, para, mean_si = 2.6, std_si = 1.5, mean_prior = 1.2, std_prior = 0.4),
  rows("baltimore-wide-prior", baltimore, para, mean_si = 2.6, std_si = 1.5, mean_prior = 20, std_prior = 200),
  rows("zika-gamma", zika, para, mean_si = 14, std_si = 6),
  rows("zika-late-distribution", zika, np, si_distr = long),
  rows("covid-gamma", covid, para, mean_si = 4.7, std_si = 2.9),
  rows("covid-fortnight", covid, para, mean_si = 6.3, std_si = 4.2, t_start = 2:117, t_end = 15:130),
  rows("covid-imported", first_imported(partly(covid)), para, mean_si = 4.7, std_si = 2.9),
  rows("baltimore-imported", first_imported(partly(baltimore)), np, si_distr = flu),
  rows("quiet", quiet, np, si_distr = flu),
  rows("short", baltimore[1:9], para, mean_si = 6, std_si = 5)
), "reproduction.csv")

save(rbind(
  rows("baltimore", baltimore, "uncertain_si", mean_si = 2.6, std_mean_si = 1, min_mean_si = 1, max_mean_si = 4.2,
       std_si = 1.5, std_std_si = 0.5, min_std_si = 0.5, max_std_si = 2.5, n1 = 2000, n2 = 100, seed = 1),
  rows("zika-first-weeks", zika[1:30], "uncertain_si", mean_si = 14, std_mean_si = 3, min_mean_si = 8, max_mean_si = 20,
       std_si = 6, std_std_si = 1, min_std_si = 4, max_std_si = 8, n1 = 2000, n2 = 100, seed = 1)
), "reproduction_uncertain.csv")

cohorts <- function(case, incidence, ...) {
  R <- suppressMessages(wallinga_teunis(incidence, config = list(...), method = np))$R
  names(R) <- c("t_start", "t_end", "mean", "std", "q025", "q975")
  cbind(case = case, R)
}
save(rbind(
  cohorts("baltimore", baltimore, si_distr = flu, t_start = 2:86, t_end = 8:92, n_sim = 1000, seed = 1),
  cohorts("baltimore-daily", baltimore, si_distr = flu, t_start = 2:92, t_end = 2:92, n_sim = 100, seed = 1),
  cohorts("quiet", quiet, si_distr = flu, t_start = 2:31, t_end = 8:37, n_sim = 100, seed = 1)
), "cohort_reproduction.csv")

growth <- function(case, all) {
  days <- seq_along(all) - 1
  quasi <- glm(all ~ days, family = quasipoisson, epsilon = 1e-14, maxit = 100)
  binomial <- suppressWarnings(MASS::glm.nb(all ~ days, control = glm.control(maxit = 200, epsilon = 1e-12)))
  a <- summary(quasi)
  b <- summary(binomial)
  data.frame(
    case = case, days = length(all), quasi_rate = coef(a)[2, 1], quasi_error = coef(a)[2, 2], quasi_dispersion = a$dispersion,
    binomial_rate = coef(b)[2, 1], binomial_error = coef(b)[2, 2], binomial_size = binomial$theta
  )
}
save(rbind(
  growth("baltimore-rise", baltimore[10:35]),
  growth("baltimore-fall", baltimore[45:80]),
  growth("zika-fall", zika[40:80]),
  growth("covid-fall", covid[40:100])
), "growth.csv")
