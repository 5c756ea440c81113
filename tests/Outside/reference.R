# What R's package cluster makes of one of its own data sets, as JSON: the values, dissimilarities, partitions, silhouettes, a map.
# Rscript reference.R flower|animals

suppressPackageStartupMessages({
  library(cluster)
  library(jsonlite)
})

name <- commandArgs(trailingOnly = TRUE)[1]
data(list = name, package = "cluster")
records <- get(name)

# animals holds 1 and 2, which daisy takes for numbers of range 1 and warns of: the same as a symmetric binary variable.
d <- suppressWarnings(if (name == "flower") daisy(records, metric = "gower", type = list(symm = 1:3)) else daisy(records, metric = "gower"))
square <- as.matrix(d)

partition <- function(k) {
  found <- pam(d, k)
  widths <- silhouette(found$clustering, d)
  list(
    k = k,
    total = sum(apply(square[, found$id.med, drop = FALSE], 1, min)),
    clustering = unname(found$clustering),
    silhouettes = unname(widths[, "sil_width"]),
    neighbours = unname(widths[, "neighbor"]),
    average = mean(widths[, "sil_width"])
  )
}

cat(toJSON(list(
  values = lapply(records, function(column) as.integer(as.character(column))),
  dissimilarities = unname(square),
  partitions = lapply(2:6, partition),
  heights = list(average = hclust(d, "average")$height, complete = hclust(d, "complete")$height),
  map = unname(cmdscale(d, k = 2))
), digits = I(17), auto_unbox = TRUE, na = "null", matrix = "rowmajor"))
