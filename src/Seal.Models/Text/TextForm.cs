using System.Text;

namespace Seal.Models.Text;

/// <summary>
/// A form that texts may have, as an automaton over their bytes: literal texts, choices and sequences of them. Every form has finitely
/// many texts, so writing one always ends.
/// </summary>
public sealed class TextForm
{
    private const int Dead = -1;

    private readonly List<int[]> _next = []; // state × byte -> state
    private readonly List<bool> _accepts = [];

    private TextForm(Piece piece)
    {
        // Subset construction (Rabin and Scott, 1959) over the positions of the piece's own automaton.
        var known = new Dictionary<string, int>();
        var waiting = new Queue<(int State, List<Position> Positions)>();
        Enter([new Position(piece, null)]);
        while (waiting.TryDequeue(out var item))
            for (int b = 0; b < 256; b++)
            {
                var after = item.Positions.SelectMany(position => position.After((byte)b)).ToList();
                if (after.Count > 0)
                    _next[item.State][b] = Enter(after);
            }
        Longest = LongestFrom(0, new int?[_next.Count]);

        int Enter(List<Position> positions)
        {
            List<Position> open = [.. positions.SelectMany(position => position.Opened()).DistinctBy(position => position.Key)];
            string key = string.Join('|', open.Select(position => position.Key).Order(StringComparer.Ordinal));
            if (known.TryGetValue(key, out int state))
                return state;
            known.Add(key, state = _next.Count);
            _next.Add([.. Enumerable.Repeat(Dead, 256)]);
            _accepts.Add(open.Exists(position => position.IsEnd));
            waiting.Enqueue((state, open));
            return state;
        }
    }

    /// <summary>Where every text begins.</summary>
    public static int Start => 0;

    public int States => _next.Count;

    /// <summary>Bytes of the longest text.</summary>
    public int Longest { get; }

    /// <summary>The form of one text.</summary>
    public static Piece Text(string text) => new Literal(Encoding.UTF8.GetBytes(text));

    /// <summary>One of several.</summary>
    public static Piece AnyOf(params IReadOnlyList<Piece> pieces) => new Choice(pieces);

    public static Piece AnyOf(params IReadOnlyList<string> texts) => new Choice([.. texts.Select(Text)]);

    /// <summary>One after the other.</summary>
    public static Piece InOrder(params IReadOnlyList<Piece> pieces) => pieces.Reverse().Aggregate((rest, piece) => new Sequence(piece, rest));

    /// <summary>A decimal digit, none below <paramref name="least"/>.</summary>
    public static Piece Digit(int least = 0, int most = 9) => new Choice([.. Enumerable.Range(least, most - least + 1).Select(digit => Text(digit.ToString(System.Globalization.CultureInfo.InvariantCulture)))]);

    /// <summary>So many of a piece, one after the other.</summary>
    public static Piece Repeated(Piece piece, int least, int most) =>
        AnyOf([.. Enumerable.Range(least, most - least + 1).Select(count => count == 0 ? Text("") : InOrder([.. Enumerable.Repeat(piece, count)]))]);

    public static TextForm Of(Piece piece) => new(piece);

    /// <summary>The state after a byte; negative where no text goes on so.</summary>
    public int Next(int state, byte value) => _next[state][value];

    /// <summary>The state after several bytes; negative where no text goes on so.</summary>
    public int Next(int state, ReadOnlySpan<byte> bytes)
    {
        foreach (byte value in bytes)
            if ((state = _next[state][value]) < 0)
                break;
        return state;
    }

    /// <summary>Whether a text may end here.</summary>
    public bool MayEnd(int state) => _accepts[state];

    /// <summary>Whether a text must end here.</summary>
    public bool MustEnd(int state) => _accepts[state] && Array.TrueForAll(_next[state], next => next < 0);

    /// <summary>Whether the whole text is of this form.</summary>
    public bool Matches(string text) => Next(Start, Encoding.UTF8.GetBytes(text)) is >= 0 and int state && MayEnd(state);

    private int LongestFrom(int state, int?[] known)
    {
        if (known[state] is not { } longest)
        {
            longest = 0;
            foreach (int next in _next[state].Distinct())
                if (next >= 0)
                    longest = Math.Max(longest, 1 + LongestFrom(next, known));
            known[state] = longest;
        }
        return longest;
    }

    /// <summary>A part of a form.</summary>
    public abstract class Piece
    {
        private static int s_count;

        private protected Piece()
        {
        }

        internal int Number { get; } = Interlocked.Increment(ref s_count);
    }

    private sealed class Literal(byte[] bytes) : Piece
    {
        public byte[] Bytes => bytes;
    }

    private sealed class Choice(IReadOnlyList<Piece> pieces) : Piece
    {
        public IReadOnlyList<Piece> Pieces => pieces;
    }

    private sealed class Sequence(Piece first, Piece rest) : Piece
    {
        public Piece First => first;

        public Piece Rest => rest;
    }

    /// <summary>A place in the form: what is still to come, as a stack of pieces. A null piece is the end.</summary>
    private sealed record Position(Piece? Piece, Position? Then, int Read = 0)
    {
        public string Key => $"{Piece?.Number}.{Read}/{Then?.Key}";

        public bool IsEnd => Piece is null;

        /// <summary>The same place as literals that begin with a byte, or the end.</summary>
        public IEnumerable<Position> Opened() => Piece switch
        {
            null => [this],
            Choice choice => choice.Pieces.SelectMany(piece => new Position(piece, Then).Opened()),
            Sequence sequence => new Position(sequence.First, new Position(sequence.Rest, Then)).Opened(),
            Literal literal when Read == literal.Bytes.Length => Then is null ? [new Position(null, null)] : Then.Opened(),
            _ => [this],
        };

        public IEnumerable<Position> After(byte value) =>
            Piece is Literal literal && literal.Bytes[Read] == value ? [this with { Read = Read + 1 }] : [];
    }
}
