# daisy and pam of R's package cluster over a file of zeros and ones, k = 5: seconds, and the sum of dissimilarities to the medoids.
# Rscript analysis.R file.csv runs

suppressPackageStartupMessages(library(cluster))
arguments <- commandArgs(trailingOnly = TRUE)
records <- read.csv(arguments[1], header = FALSE)
for (run in seq_len(as.integer(arguments[2]))) {
  seconds <- system.time({
    d <- daisy(records, metric = "gower", type = list(asymm = seq_along(records)))
    found <- pam(d, 5, pamonce = 5)
  })[["elapsed"]]
  cat(sprintf("%.3f %.10f\n", seconds, found$objective[["swap"]] * nrow(records)))
}
