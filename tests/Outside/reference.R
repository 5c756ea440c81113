# What R's package cluster makes of one of its own data sets, as JSON: the values, dissimilarities, partitions, silhouettes, a map.
# Rscript reference.R flower|animals
# Rscript reference.R tables                   Fisher's exact tests and their correction
# Rscript reference.R agreement ratings.json   kappa and alpha from matrices: Fleiss' kappa as a variance ratio, Krippendorff's alpha from coincidences
# Rscript reference.R run run.json matrix.csv  what it makes of a run of the service and its exported dissimilarities

suppressPackageStartupMessages({
  library(cluster)
  library(jsonlite)
})

write <- function(results) cat(toJSON(results, digits = I(17), auto_unbox = TRUE, na = "null", matrix = "rowmajor"))

arguments <- commandArgs(trailingOnly = TRUE)
name <- arguments[1]
if (name == "run") {
  run <- fromJSON(arguments[2], simplifyDataFrame = FALSE)
  square <- as.matrix(read.csv(arguments[3], row.names = 1, check.names = FALSE))
  audit <- function(clustering) {
    ids <- sapply(clustering$assignments, function(assignment) assignment$id)
    clusters <- sapply(clustering$assignments, function(assignment) assignment$cluster)
    medoids <- sapply(clustering$medoids, identity)
    widths <- silhouette(clusters, dmatrix = square[ids, ids])[, "sil_width"]
    list(objective = sum(square[cbind(ids, medoids[clusters])]), averageSilhouette = mean(widths), silhouettes = unname(widths))
  }
  tree <- function() {
    found <- hclust(as.dist(square), run$result$parameters$linkage)
    list(
      merge = found$merge, height = found$height, order = found$labels[found$order], cophenetic = cor(as.dist(square), cophenetic(found)),
      cuts = lapply(run$result$clusterings, function(clustering) unname(cutree(found, clustering$k)))
    )
  }
  write(list(clusterings = lapply(run$result$clusterings, audit), tree = if (is.null(run$result$dendrogram)) NULL else tree()))
  quit()
}

if (name == "agreement") {
  # A row a unit, a column a rater, NA where one did not rate.
  alpha <- function(ratings) {
    levels <- sort(unique(na.omit(c(ratings))))
    coincidences <- matrix(0, length(levels), length(levels))
    for (unit in split(ratings, row(ratings))) {
      counts <- tabulate(match(na.omit(unit), levels), length(levels))
      if (sum(counts) > 1) coincidences <- coincidences + (outer(counts, counts) - diag(counts, length(levels))) / (sum(counts) - 1)
    }
    margins <- rowSums(coincidences)
    n <- sum(margins)
    1 - (n - sum(diag(coincidences))) / ((n^2 - sum(margins^2)) / (n - 1))
  }
  # J. L. Fleiss, Statistical Methods for Rates and Proportions, 3rd ed. 2003, 18.3: one kappa a category, weighted by p (1 - p).
  kappa <- function(ratings) {
    m <- ncol(ratings)
    parts <- sapply(sort(unique(c(ratings))), function(level) {
      x <- rowSums(ratings == level)
      p <- mean(x) / m
      c(kappa = 1 - sum(x * (m - x)) / (nrow(ratings) * m * (m - 1) * p * (1 - p)), weight = p * (1 - p))
    })
    sum(parts["kappa", ] * parts["weight", ]) / sum(parts["weight", ])
  }
  sets <- fromJSON(arguments[2], simplifyVector = FALSE)
  to_matrix <- function(rows) do.call(rbind, lapply(rows, function(row) sapply(row, function(value) if (is.null(value)) NA else value)))
  write(lapply(sets, function(set) list(alpha = alpha(to_matrix(set$withGaps)), kappa = kappa(to_matrix(set$full)))))
  quit()
}

if (name == "tables") {
  set.seed(1)
  fourfold <- rbind(matrix(rpois(4 * 60, 6), ncol = 4), matrix(rpois(4 * 20, c(3, 40, 400, 900)), ncol = 4), c(0, 5, 5, 0), c(1200, 900, 1000, 1100))
  fisher <- apply(fourfold, 1, function(cells) fisher.test(matrix(cells, 2, byrow = TRUE))$p.value)
  write(list(
    fourfold = fourfold,
    fisher = fisher,
    benjaminiHochberg = p.adjust(fisher, "BH")
  ))
  quit()
}

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

write(list(
  values = lapply(records, function(column) as.integer(as.character(column))),
  dissimilarities = unname(square),
  partitions = lapply(2:6, partition),
  heights = list(average = hclust(d, "average")$height, complete = hclust(d, "complete")$height),
  map = unname(cmdscale(d, k = 2))
))
