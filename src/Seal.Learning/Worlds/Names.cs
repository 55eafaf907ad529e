using Seal.Kernels;

namespace Seal.Learning.Worlds;

/// <summary>Invented names, built from syllables: 800,000 of each sort, none of which means anything.</summary>
public static class Names
{
    private static readonly string[] s_onsets = ["b", "d", "f", "g", "h", "k", "l", "m", "n", "p", "r", "s", "t", "v", "z", "st"];
    private static readonly string[] s_vowels = ["a", "e", "i", "o", "u"];
    private static readonly string[] s_codas = ["", "l", "n", "r"];
    private static readonly string[] s_personEnds = ["a", "o", "en", "is", "ik", "eth", "ard", "une"];
    private static readonly string[] s_placeEnds = ["ford", "mere", "wick", "holm", "stead", "dale", "port", "burg"];
    private static readonly string[] s_shipEnds = ["wing", "star", "wave", "song", "wind", "heart", "spray", "dawn"];
    private static readonly string[] s_animalEnds = ["back", "tail", "foot", "fin", "horn", "bill", "paw", "fur"];
    private static readonly string[] s_firmEnds = ["works", "craft", "trade", "forge", "mill", "loom", "ware", "yard"];

    private static readonly string[] s_feastEnds = ["tide", "fest", "night", "mass", "rite", "dance", "fire", "moon"];
    private static readonly string[] s_wareEnds = ["silk", "salt", "stone", "root", "glass", "wool", "spice", "oil"];

    public static string Person(Share share, Dice dice) => Of(share, dice, s_personEnds);

    public static string Place(Share share, Dice dice) => Of(share, dice, s_placeEnds);

    public static string Ship(Share share, Dice dice) => Of(share, dice, s_shipEnds);

    public static string Animal(Share share, Dice dice) => Of(share, dice, s_animalEnds);

    public static string Firm(Share share, Dice dice) => Of(share, dice, s_firmEnds);

    public static string Feast(Share share, Dice dice) => Of(share, dice, s_feastEnds);

    public static string Ware(Share share, Dice dice) => Of(share, dice, s_wareEnds);

    /// <summary>The one share that may use the name: six in eight belong to pre-training.</summary>
    public static Share ShareOf(string name) => (CounterRandom.Derive(0, name) % 8) switch
    {
        0 => Share.Evaluation,
        1 => Share.Learning,
        _ => Share.Pretraining,
    };

    private static string Of(Share share, Dice dice, string[] ends)
    {
        while (true)
        {
            string name = Syllable(dice) + Syllable(dice) + dice.Pick(ends);
            name = char.ToUpperInvariant(name[0]) + name[1..];
            if (ShareOf(name) == share)
                return name;
        }
    }

    private static string Syllable(Dice dice) => dice.Pick(s_onsets) + dice.Pick(s_vowels) + dice.Pick(s_codas);
}
