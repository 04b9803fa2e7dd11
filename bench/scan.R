# What `bench/scan.py` measures beside: called with a folder that holds xy.csv and counts.csv (days by areas), the most
# areas in a circle, and the number of replicas. Prints package and seconds for each package that is installed.
arguments <- commandArgs(trailingOnly = TRUE)
xy <- as.matrix(read.csv(file.path(arguments[1], "xy.csv")))
counts <- as.matrix(read.csv(file.path(arguments[1], "counts.csv")))
k <- as.integer(arguments[2]); replicas <- as.integer(arguments[3])
timed <- function(name, expression) cat(name, system.time(expression)[["elapsed"]], "\n")
has <- function(name) suppressMessages(suppressWarnings(requireNamespace(name, quietly = TRUE)))
if (has("SpatialEpi")) {
  cases <- colSums(counts); one <- rep(1, length(cases))
  timed("SpatialEpi", SpatialEpi::kulldorff(xy, cases, one, one, k / length(cases), replicas, 0.05, plot = FALSE))
}
if (has("scanstatistics")) {
  zones <- scanstatistics::knn_zones(scanstatistics::coords_to_knn(xy, k))
  timed("scanstatistics", scanstatistics::scan_permutation(counts, zones, n_mcsim = replicas))
}
