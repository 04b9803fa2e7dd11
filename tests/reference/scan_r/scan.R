# Makes r_*.csv from areas.csv, places.csv and days.csv.
# Run in this folder: Rscript scan.R, with SpatialEpi 1.2.8 and scanstatistics 1.1.2 installed from their sources.
suppressMessages({library(SpatialEpi); library(scanstatistics)})

out <- function(table, name) write.csv(format(table, digits = 15, trim = TRUE), name, row.names = FALSE, quote = FALSE)
named <- function(ids) paste(ids, collapse = " ")

# In space only. The expected numbers are the populations: the ratio does not depend on their scale, and their sum is
# a whole number (SpatialEpi cuts the sum of the expected numbers to one).
areas <- read.csv("areas.csv")
set.seed(1)
found <- kulldorff(areas[, c("x", "y")], areas$cases, areas$population, areas$population, 0.4, 999, 0.05, plot = FALSE)
clusters <- c(list(found$most.likely.cluster), found$secondary.clusters)
out(data.frame(
  areas = sapply(clusters, function(one) named(one$location.IDs.included)),
  observed = sapply(clusters, function(one) one$number.of.cases),
  log_ratio = sapply(clusters, function(one) one$log.likelihood.ratio),
  p = sapply(clusters, function(one) one$p.value)), "r_space.csv")
circles <- zones(areas[, c("x", "y")], areas$population, 0.4)
out(data.frame(centre = circles$cluster.coords[, 1], last = circles$cluster.coords[, 2], log_ratio = found$log.lkhd),
    "r_space_circles.csv")

# In space and time.
places <- read.csv("places.csv")
counts <- as.matrix(read.csv("days.csv"))
population <- matrix(places$population, nrow(counts), ncol(counts), byrow = TRUE)
within <- knn_zones(coords_to_knn(places[, c("x", "y")], 8))
windows <- function(found) {
  top <- head(found$observed, 400)
  data.frame(areas = sapply(top$zone, function(zone) named(within[[zone]])), days = top$duration, log_ratio = top$score,
             inside = top$relrisk_in, outside = top$relrisk_out)
}
set.seed(1)
permuted <- scan_permutation(counts, within, n_mcsim = 999)
out(windows(permuted), "r_permutation.csv")
set.seed(1)
known <- scan_pb_poisson(counts, within, population = population, n_mcsim = 999)
out(windows(known), "r_poisson.csv")
out(data.frame(space = found$simulated.log.lkhd, permutation = permuted$replicates$score,
               poisson = known$replicates$score), "r_replicas.csv")
print(c(permuted$MC_pvalue, known$MC_pvalue))
