# Make the reference numbers of the nowcast: Rscript make.R, in this folder, with R 4.2 and surveillance 1.20.3.
#
# lines_daily.csv is simulated here. lines_weekly.csv is a part of `denguedat` of the R package NobBS 1.0.0
# (MIT; CDC Division of Vector-Borne Diseases): dengue in Puerto Rico, weeks of onset and report of 2010.
suppressMessages(library(surveillance))

simulate <- function() {
  set.seed(20210106)
  mean <- c(2, 2, 3, 4, 5, 7, 9, 11, 14, 17, 19, 21, 22, 23, 22, 21, 20, 18, 17, 15, 14, 13, 12, 11, 9, 8, 7, 6, 5, 5)
  event <- rep(as.Date("2021-01-01") + seq_along(mean) - 1, rpois(length(mean), mean))
  report <- event + rnbinom(length(event), size = 2, mu = 4)
  lines <- as.data.frame(table(event = event, report = report), responseName = "count")
  lines <- lines[lines$count > 0, ]
  write.csv(lines[order(lines$event, lines$report), ], "lines_daily.csv", row.names = FALSE, quote = FALSE)
}

read <- function(file) {
  lines <- read.csv(file)
  rows <- rep(seq_len(nrow(lines)), lines$count)
  data.frame(event = as.Date(lines$event)[rows], report = as.Date(lines$report)[rows])
}

cases <- list(
  list(name = "daily", file = "lines_daily.csv", now = "2021-01-26", by = "1 day", D = 12),
  list(name = "daily_peak", file = "lines_daily.csv", now = "2021-01-16", by = "1 day", D = 12),
  list(name = "daily_short", file = "lines_daily.csv", now = "2021-01-26", by = "1 day", D = 5),
  list(name = "weekly", file = "lines_weekly.csv", now = "2010-07-05", by = "1 week", D = 8)
)
ways <- list(
  list(way = "all", window = NULL, shape = "hoehle_anderheiden2014", of = c("lawless", "bayes.notrunc.bnb", "bayes.notrunc", "bayes.trunc", "unif")),
  list(way = "window", window = 13, shape = "hoehle_anderheiden2014", of = c("lawless", "bayes.notrunc.bnb", "bayes.notrunc", "bayes.trunc")),
  list(way = "rows", window = 13, shape = "lawless1994", of = "lawless")
)

one <- function(case, way, method) {
  set.seed(1)
  now <- as.Date(case$now)
  when <- seq(now, by = paste0("-", case$by), length.out = case$D)
  control <- list(
    predPMF = TRUE, nSamples = 4000, N.tInf.max = 600,
    N.tInf.prior = structure("poisgamma", mean.lambda = 50, var.lambda = 3000)
  )
  capture.output(result <- suppressWarnings(nowcast(
    now = now, when = when, data = read(case$file), dEventCol = "event", dReportCol = "report", method = method,
    aggregate.by = case$by, D = case$D, m = way$window, m.interpretation = way$shape, control = control
  )))
  row <- match(when, epoch(result))
  pmf <- t(sapply(when, function(day) result@predPMF[[as.character(day)]][[1]]))
  number <- 0:600
  rows <- data.frame(
    case = case$name, way = way$way, method = method, date = when, observed = observed(result)[row],
    median = upperbound(result)[row], lower = result@pi[row, 1, 1], upper = result@pi[row, 1, 2],
    total = rowSums(pmf), first_moment = c(pmf %*% number), second_moment = c(pmf %*% number^2)
  )
  cdf <- if (method == "unif") NULL else data.frame(
    case = case$name, way = way$way, method = method, delay = 0:case$D, chance = delayCDF(result)[[1]][1:(case$D + 1)]
  )
  list(rows = rows, cdf = cdf)
}

simulate()
made <- list()
for (case in cases) for (way in ways) for (method in way$of) {
  if (!is.null(way$window) && case$name == "daily_peak") next
  made[[length(made) + 1]] <- one(case, way, method)
}
keep <- function(part, file) {
  options(digits = 17)
  write.csv(do.call(rbind, lapply(made, `[[`, part)), file, row.names = FALSE, quote = FALSE)
}
keep("rows", "nowcast.csv")
keep("cdf", "delay_cdf.csv")
