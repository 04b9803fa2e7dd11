# Judge series with R's `surveillance`: Rscript judge.R SERIES.csv RUNS.csv OUT.csv
# SERIES: series,index,date,count,population (date or population may be empty for a whole series).
# RUNS: one row a run: run,series,method,first,last, then the settings as R calls them; an empty cell is R's default.
# OUT: run,series,index,expected,upperbound,score,p,alarm,trend for each time that R judges.
# `corrected` = 1 runs farringtonFlexible with one line changed: the weights of the fit are not overwritten.
suppressMessages(library(surveillance))
arguments <- commandArgs(trailingOnly = TRUE)
series <- read.csv(arguments[1], colClasses = c(series = "character", date = "character"))
runs <- read.csv(arguments[2], colClasses = "character")

name <- "algo.farrington.fitGLM.flexible"
shipped <- getFromNamespace(name, "surveillance")
corrected <- shipped
lines <- deparse(body(corrected))
overwritten <- grep("model$weights <- omega", lines, fixed = TRUE)
stopifnot(length(overwritten) == 1)
lines[overwritten] <- "model$weights <- model$weights"
body(corrected) <- parse(text = lines)[[1]]

given <- function(run, keys) {
  control <- list()
  for (key in keys) {
    text <- run[[key]]
    if (is.null(text) || is.na(text) || text == "") next
    value <- suppressWarnings(as.numeric(strsplit(text, " ")[[1]]))
    control[[key]] <- if (text %in% c("TRUE", "FALSE")) as.logical(text) else if (anyNA(value)) text else value
  }
  control
}
number <- function(values) formatC(as.numeric(values), digits = 15, format = "g", width = 1)

judge <- function(run) {
  data <- series[series$series == run$series, ]
  freq <- as.numeric(run$freq)
  range <- as.numeric(run$first):as.numeric(run$last)
  days <- if (data$date[1] == "") NULL else as.Date(data$date)
  population <- if (is.na(data$population[1])) NULL else matrix(data$population)
  parts <- list(observed = matrix(data$count), frequency = freq, start = c(2000, 1))
  if (!is.null(days)) parts$epoch <- days
  if (!is.null(population)) parts$population <- population
  object <- do.call(sts, parts)
  if (run$method == "farrington") {
    keys <- c("b", "w", "alpha", "reweight", "trend", "limit54", "powertrans", "fitFun")
    disprog <- list(week = if (is.null(days)) seq_along(data$count) else as.numeric(days), observed = data$count,
                    freq = freq, epochAsDate = !is.null(days))
    if (!is.null(population)) disprog$populationFrac <- data$population
    result <- suppressWarnings(algo.farrington(disprog, c(list(range = range), given(run, keys))))
    expected <- result$control$pd[, 2]
    enough <- result$upperbound != 0
    score <- ifelse(enough, (data$count[range] - expected) / (result$upperbound - expected), 0)
    rows <- data.frame(expected, result$upperbound, score, 1 - result$control$pd[, 1], result$alarm, result$trend)
  } else {
    keys <- c("b", "w", "alpha", "reweight", "trend", "limit54", "powertrans", "weightsThreshold", "pThresholdTrend",
              "noPeriods", "pastWeeksNotIncluded", "thresholdMethod", "populationOffset")
    assignInNamespace(name, if (run$corrected == "1") corrected else shipped, "surveillance")
    control <- c(list(range = range, glmWarnings = FALSE), given(run, keys))
    result <- suppressWarnings(farringtonFlexible(object, control))
    told <- result@control
    rows <- data.frame(told$expected, result@upperbound, told$score, told$pvalue, result@alarm, told$trend)
  }
  names(rows) <- c("expected", "upperbound", "score", "p", "alarm", "trend")
  for (column in c("expected", "upperbound", "score", "p")) rows[[column]] <- number(rows[[column]])
  rows$alarm <- as.integer(rows$alarm)
  cbind(run = run$run, series = run$series, index = range, rows)
}
# Runs that stop R with an error are named and left out.
judged <- lapply(seq_len(nrow(runs)), function(i) {
  tryCatch(judge(as.list(runs[i, ])), error = function(e) message("run ", runs$run[i], ": ", conditionMessage(e)))
})
write.csv(do.call(rbind, judged), arguments[3], row.names = FALSE, quote = FALSE)
