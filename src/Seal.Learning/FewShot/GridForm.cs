using System.Text.Json.Serialization;

namespace Seal.Learning.FewShot;

/// <summary>How grids are written.</summary>
public enum GridForm
{
    /// <summary>As published, and as numpy prints them: <c>[[0 1 2]\n [3 4 5]]</c>.</summary>
    [JsonStringEnumMemberName("numpy")]
    Numpy,

    /// <summary>A character a cell, a line a row: <c>012\n345</c>, half as many tokens.</summary>
    [JsonStringEnumMemberName("digits")]
    Digits,
}
