"""Papers in which the measures were defined, as the docstrings cite them."""

ALAA_2022 = (
    'A. M. Alaa, B. van Breugel, E. Saveliev and M. van der Schaar, "How faithful '
    "is your synthetic data? Sample-level metrics for evaluating and auditing "
    'generative models", International Conference on Machine Learning, 2022'
)
BREUGEL_2023 = (
    'B. van Breugel, H. Sun, Z. Qian and M. van der Schaar, "Membership inference '
    'attacks against synthetic data through overfitting detection", International '
    "Conference on Artificial Intelligence and Statistics, 2023"
)
CHEN_2016 = (
    'T. Chen and C. Guestrin, "XGBoost: a scalable tree boosting system", ACM '
    "International Conference on Knowledge Discovery and Data Mining, 2016"
)
CHEN_2020 = (
    'D. Chen, N. Yu, Y. Zhang and M. Fritz, "GAN-Leaks: a taxonomy of membership '
    'inference attacks against generative models", ACM Conference on Computer and '
    "Communications Security, 2020"
)
CRAMER_1946 = (
    'H. Cramér, "Mathematical methods of statistics", Princeton University Press, 1946'
)
ESTEBAN_2017 = (
    'C. Esteban, S. L. Hyland and G. Rätsch, "Real-valued (medical) time series '
    'generation with recurrent conditional GANs", arXiv:1706.02633, 2017'
)
FAN_2020 = (
    'J. Fan, T. Liu, G. Li, J. Chen, Y. Shen and X. Du, "Relational data synthesis '
    'using generative adversarial networks: a design space exploration", '
    "Proceedings of the VLDB Endowment 13(11), 1962-1975, 2020"
)
GIOMI_2023 = (
    'M. Giomi, F. Boenisch, C. Wehmeyer and B. Tasnádi, "A unified framework for '
    'quantifying privacy risk in synthetic data", Proceedings on Privacy Enhancing '
    "Technologies 2023(2), 312-328"
)
HELLINGER_1909 = (
    'E. Hellinger, "Neue Begründung der Theorie quadratischer Formen von '
    'unendlichvielen Veränderlichen", Journal für die reine und angewandte '
    "Mathematik 136, 210-271, 1909"
)
HERNANDEZ_2022 = (
    'M. Hernandez, G. Epelde, A. Alberdi, R. Cilla and D. Rankin, "Synthetic data '
    'generation for tabular health records: a systematic review", Neurocomputing '
    "493, 28-45, 2022"
)
INMAN_1989 = (
    'H. F. Inman and E. L. Bradley, "The overlapping coefficient as a measure of '
    'agreement between probability distributions", Communications in Statistics 18, '
    "3851-3874, 1989"
)
KRICHEVSKY_1981 = (
    'R. E. Krichevsky and V. K. Trofimov, "The performance of universal encoding", '
    "IEEE Transactions on Information Theory 27(2), 199-207, 1981"
)
KULLBACK_1951 = (
    'S. Kullback and R. A. Leibler, "On information and sufficiency", Annals of '
    "Mathematical Statistics 22(1), 79-86, 1951"
)
KYNKAANNIEMI_2019 = (
    'T. Kynkäänniemi, T. Karras, S. Laine, J. Lehtinen and T. Aila, "Improved '
    'precision and recall metric for assessing generative models", Advances in '
    "Neural Information Processing Systems 32, 2019"
)
LEVIN_2009 = (
    'D. A. Levin, Y. Peres and E. L. Wilmer, "Markov chains and mixing times", '
    "American Mathematical Society, 2009"
)
LIN_1991 = (
    'J. Lin, "Divergence measures based on the Shannon entropy", IEEE Transactions '
    "on Information Theory 37(1), 145-151, 1991"
)
LOFTSGAARDEN_1965 = (
    'D. O. Loftsgaarden and C. P. Quesenberry, "A nonparametric estimate of a '
    'multivariate density function", Annals of Mathematical Statistics 36(3), '
    "1049-1051, 1965"
)
LOPEZPAZ_2017 = (
    'D. Lopez-Paz and M. Oquab, "Revisiting classifier two-sample tests", '
    "International Conference on Learning Representations, 2017"
)
LOWE_2004 = (
    'D. G. Lowe, "Distinctive image features from scale-invariant keypoints", '
    "International Journal of Computer Vision 60(2), 91-110, 2004"
)
PARK_2018 = (
    'N. Park, M. Mohammadi, K. Gorde, S. Jajodia, H. Park and Y. Kim, "Data '
    'synthesis based on generative adversarial networks", Proceedings of the VLDB '
    "Endowment 11(10), 2018"
)
PATKI_2016 = (
    'N. Patki, R. Wedge and K. Veeramachaneni, "The Synthetic Data Vault", IEEE '
    "International Conference on Data Science and Advanced Analytics, 2016"
)
PLATZER_2021 = (
    'M. Platzer and T. Reutterer, "Holdout-based empirical assessment of mixed-type '
    'synthetic data", Frontiers in Big Data 4, 2021'
)
ROSENBAUM_1983 = (
    'P. R. Rosenbaum and D. B. Rubin, "The central role of the propensity score in '
    'observational studies for causal effects", Biometrika 70(1), 41-55, 1983'
)
RUBNER_2000 = (
    "Y. Rubner, C. Tomasi and L. J. Guibas, \"The earth mover's distance as a metric "
    'for image retrieval", International Journal of Computer Vision 40, 99-121, '
    "2000"
)
SAJJADI_2018 = (
    'M. S. M. Sajjadi, O. Bachem, M. Lucic, O. Bousquet and S. Gelly, "Assessing '
    'generative models via precision and recall", Advances in Neural Information '
    "Processing Systems 31, 2018"
)
SCOTT_1992 = 'D. W. Scott, "Multivariate density estimation", Wiley, 1992'
SHANNON_1948 = (
    'C. E. Shannon, "A mathematical theory of communication", Bell System Technical '
    "Journal 27, 379-423, 1948"
)
SMIRNOV_1948 = (
    'N. V. Smirnov, "Table for estimating the goodness of fit of empirical '
    'distributions", Annals of Mathematical Statistics 19(2), 279-281, 1948'
)
SPEARMAN_1904 = (
    'C. Spearman, "The proof and measurement of association between two things", '
    "American Journal of Psychology 15(1), 72-101, 1904"
)
VALLENDER_1974 = (
    'S. S. Vallender, "Calculation of the Wasserstein distance between probability '
    'distributions on the line", Theory of Probability and its Applications 18, '
    "784-786, 1974"
)
VINH_2010 = (
    'N. X. Vinh, J. Epps and J. Bailey, "Information theoretic measures for '
    'clusterings comparison", Journal of Machine Learning Research 11, 2837-2854, '
    "2010"
)
WOO_2009 = (
    'M.-J. Woo, J. P. Reiter, A. Oganian and A. F. Karr, "Global measures of data '
    'utility for microdata masked for disclosure limitation", Journal of Privacy '
    "and Confidentiality 1(1), 2009"
)
YALE_2019 = (
    'A. Yale, S. Dash, R. Dutta, I. Guyon, A. Pavao and K. P. Bennett, "Privacy '
    'preserving synthetic health data", European Symposium on Artificial Neural '
    "Networks, 2019"
)
YOON_2020 = (
    'J. Yoon, L. N. Drumright and M. van der Schaar, "Anonymization through data '
    'synthesis using generative adversarial networks (ADS-GAN)", IEEE Journal of '
    "Biomedical and Health Informatics 24(8), 2378-2388, 2020"
)
ZHAO_2021 = (
    'Z. Zhao, A. Kunar, R. Birke and L. Y. Chen, "CTAB-GAN: effective table data '
    'synthesizing", Asian Conference on Machine Learning, 2021'
)
