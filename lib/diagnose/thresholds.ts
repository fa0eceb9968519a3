// Where an illness begins. Bounds are set so that networks that train well stay below them, and each says where it comes from.

export const thresholds = {
  /**
   * A unit is saturated where its slope is below this share of the steepest one: 5 % is |a| > 0.975 of tanh and a < 0.013 or
   * a > 0.987 of the sigmoid, where LeCun et al. (1998, §4.4) and Glorot and Bengio (2010, §3) see training stall.
   */
  flatSlope: 0.05,
  /** … for at least this share of the examples: a unit that is at its ends for some examples tells them apart. */
  flatExamples: 0.9,
  /** Share of saturated units of a layer. */
  saturated: { info: 0.1, warning: 0.4, severe: 0.9 },
  /** Share of units that are flat for every example. Karpathy (CS231n) reports 40 % of a network dead at too high a rate; half a layer is worth a change. */
  dead: { info: 0.1, warning: 0.5, severe: 0.9 },
  /**
   * Gradient of z of a layer against that of the last layer, as norms. With Glorot's or He's initial weights norms stay about the
   * same (Glorot and Bengio 2010, eq. 12; He et al. 2015, eq. 14). A sigmoid layer takes a factor of at least 4, so that four of
   * them are still within the bound; at 1e-6 the first layers do not train in single precision beside the others.
   */
  vanishing: { warning: 1e3, severe: 1e6 },
  /** The other way round: trained networks reach factors of ten or so, weights ten times too large give one such factor a layer. */
  exploding: { warning: 300, severe: 1e4 },
  /** Gradient of a layer's weights against the weights: with a rate of 1e-3, steps as large as the weights from 1e3 on. */
  gradientRatio: { warning: 100, severe: 1e3 },
  /** Update against weights of a layer; about 1e-3 is right (Karpathy, CS231n, "Ratio of weights:updates"; Bottou's rule of thumb). */
  updateRatio: { low: 1e-6, warning: 0.2, severe: 1 },
  /** Feature with |mean| above this many standard deviations: its weights all move the same way (LeCun et al. 1998, §4.3). */
  oneSided: 3,
  /** Range of the widest feature against the median, and of the median against the narrowest: rare pixels of bytes come to 255. */
  wide: 100, narrow: 1000,
  /** Largest value: bytes that nobody scaled are above the first. LeCun et al. (1998, §4.3) ask for variance 1. */
  largeValue: { warning: 100, severe: 1000 },
  /** Changes of label from one row to the next against what a random order has. */
  sorted: 0.1,
  /** Examples of the most frequent class for one of the rarest. */
  imbalance: { info: 3, warning: 10 },
  /** Epochs of a flat curve, at least, and their part of the run; flat is a change below this part of the loss. */
  plateau: { epochs: 6, share: 0.4, change: 0.01, high: 0.5 },
  /** Loss of a trained network against that of the best constant prediction. */
  underfitting: { warning: 0.85, severe: 0.98 },
  /**
   * Validation loss at the end against its least (Prechelt 1998 calls this the generalisation loss), where the gap to the training
   * loss has come to a part of the constant prediction's loss; or a gap that has grown by half of it since the first epoch.
   */
  overfitting: { warning: 1.25, severe: 2, gap: 0.1, wideGap: 0.5 },
  /** Sum of all rises of the training loss against all that it has sunk, where a rise comes to a part of the constant prediction's loss per epoch; from the second epoch on, for the first one falls from anywhere. */
  oscillating: { warning: 0.5, severe: 0.9, amplitude: 0.02 },
  /** A loss that sinks nearly every epoch, in the second half as in the first, but by less than this part in the whole run. */
  slow: { sunk: 0.1, steady: 0.5, sinking: 0.9 },
  /** Epochs from which on a curve says anything. */
  fewestEpochs: 5,
} as const;
