# Make the reference fits of delays: Rscript make.R, in this folder, with R 4.2 and coarseDataTools 0.6-6.
#
# pairs.csv: onset and admission of influenza A(H7N9), China 2013 (Kucharski et al. 2014, Dryad, CC0).
# coarseDataTools fits pairs without truncation; the truncated fits are `optim` on the likelihood written out here.
suppressMessages(library(coarseDataTools))
pairs <- read.csv("pairs.csv")
onset <- as.numeric(as.Date(pairs$onset))
hospital <- as.numeric(as.Date(pairs$hospital))

cdf <- list(
  lognormal = function(x, p) plnorm(x, p[1], exp(p[2])),
  gamma = function(x, p) pgamma(x, shape = exp(p[1]), scale = exp(p[2])),
  weibull = function(x, p) pweibull(x, shape = exp(p[1]), scale = exp(p[2]))
)
start <- list(lognormal = c(1, -0.5), gamma = c(0.5, 1), weibull = c(0.5, 1.5))
natural <- list(lognormal = function(p) c(p[1], exp(p[2])), gamma = exp, weibull = exp)

mass <- function(F, upto, p, growth) {
  if (is.infinite(upto)) return(1)
  top <- integrate(function(t) exp(growth * t) * F(upto - t, p), 0, 1, rel.tol = 1e-10, subdivisions = 500)$value
  top / integrate(function(t) exp(growth * t), 0, 1)$value
}

fit <- function(family, now, growth) {
  seen <- hospital < now
  rows <- as.data.frame(table(delay = (hospital - onset)[seen], waited = (now - onset)[seen]))
  rows <- rows[rows$Freq > 0, ]
  delay <- as.numeric(as.character(rows$delay))
  waited <- as.numeric(as.character(rows$waited))
  minus <- function(p) {
    each <- sapply(seq_along(delay), function(i) {
      caught <- mass(cdf[[family]], delay[i] + 1, p, growth) - mass(cdf[[family]], delay[i], p, growth)
      log(caught) - log(mass(cdf[[family]], waited[i], p, growth))
    })
    -sum(rows$Freq * each)
  }
  found <- optim(start[[family]], minus, control = list(reltol = 1e-14, maxit = 2000))
  found <- optim(found$par, minus, control = list(reltol = 1e-14, maxit = 2000), hessian = TRUE)
  error <- sqrt(diag(solve(found$hessian)))
  value <- natural[[family]](found$par)
  data.frame(
    by = "optim", family = family, now = if (is.finite(now)) format(as.Date(now - 1, origin = "1970-01-01")) else "",
    growth = growth, n = sum(rows$Freq), first = value[1], second = value[2], log_likelihood = -found$value,
    first_error = error[1], second_error = error[2]
  )
}

coarse <- function(family, letter) {
  data <- data.frame(EL = onset, ER = onset + 1, SL = hospital, SR = hospital + 1, type = 0)
  base <- min(onset)
  data[, 1:4] <- data[, 1:4] - base
  found <- dic.fit(data, dist = letter, start.par2 = log(2))
  value <- found@ests[1:2, "est"]
  data.frame(
    by = "coarseDataTools", family = family, now = "", growth = 0, n = nrow(data), first = value[1], second = value[2],
    log_likelihood = found@loglik, first_error = NA, second_error = NA
  )
}

days <- as.numeric(as.Date(c("2013-04-20", "2013-04-15"))) + 1
rows <- list()
for (family in names(cdf)) {
  rows <- c(rows, list(fit(family, Inf, 0), fit(family, days[1], 0), fit(family, days[2], 0), fit(family, days[2], 0.1)))
}
rows <- c(rows, list(coarse("lognormal", "L"))) # the only family that it fits without a bootstrap
write.csv(do.call(rbind, rows), "fits.csv", row.names = FALSE, quote = FALSE, na = "")
