namespace Seal.Kernels;

/// <summary>How to draw the next token of one sequence.</summary>
/// <param name="Temperature">0 = the most likely token, ties to the lowest id.</param>
/// <param name="TopK">Keep the k most likely; 0 = all.</param>
/// <param name="TopP">Keep the most likely whose probabilities reach p; 1 = all. (Holtzman et al., arXiv 1904.09751)</param>
/// <param name="Seed">The sequence's own seed: what is drawn depends on it and on <paramref name="Counter"/> alone.</param>
/// <param name="Counter">Index of the token within its sequence.</param>
public readonly record struct SamplingRow(float Temperature, int TopK, float TopP, ulong Seed, int Counter);
