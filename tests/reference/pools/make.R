# Reference numbers of prevalence from pooled results. Our calls; no code of the package.
#   Rscript tests/reference/pools/make.R FILE      where FILE is R/PooledBinomialFunctions.R of the R package
#   binGroup2 1.3.1 (CRAN), whose functions need nothing but R itself. Made with R 4.2.
# Writes prevalence.csv beside itself: a row for each case, its rows of results as x/n/m joined by blanks.
arguments <- commandArgs()
here <- dirname(sub("--file=", "", grep("--file=", arguments, value = TRUE)))
source(tail(arguments, 1))
cases <- list(
  list(c(0, 0, 1, 2), c(5, 5, 5, 5), c(1, 5, 10, 50)), list(3, 100, 10), list(1, 1000, 10), list(247, 10000, 10),
  list(40, 50, 5), list(49, 50, 20), list(c(1, 1), c(20, 2000), c(1, 20)), list(c(2, 5, 8), c(40, 40, 40), c(5, 10, 20)),
  list(c(0, 3), c(7, 3), c(10, 2)), list(c(10, 1), c(10, 900), c(3, 10)), list(0, 100, 10),
  list(c(0, 0), c(50, 900), c(5, 20)))
rows <- do.call(rbind, lapply(cases, function(case) {
  x <- case[[1]]; n <- case[[2]]; m <- case[[3]]
  tell <- function(interval, alpha) interval(x, m, n, alpha = alpha)[c("lower", "upper")]
  do.call(rbind, lapply(c(0.05, 0.2), function(alpha) data.frame(
    results = paste(x, n, m, sep = "/", collapse = " "), level = 1 - alpha,
    mle = pooledbinom.mle(x, m, n, 1e-15), firth = pooledbinom.firth(x, m, n, 1e-15),
    t(setNames(tell(pooledbinom.score.ci, alpha), c("score_lower", "score_upper"))),
    t(setNames(tell(pooledbinom.cscore.ci, alpha), c("skew_lower", "skew_upper"))),
    t(setNames(tell(pooledbinom.lrt.ci, alpha), c("likelihood_lower", "likelihood_upper"))))))
}))
for (column in names(rows)[-1]) rows[[column]] <- signif(rows[[column]], 12)
write.csv(rows, file.path(here, "prevalence.csv"), row.names = FALSE, quote = FALSE)
