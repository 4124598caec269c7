/** Every kind of predictor that can be trained, by name: apart from what they do, for those who only name them. */
export const predictorNames = ['combined', 'forest', 'logistic', 'knn', 'cluster', 'words'] as const
