using System.Globalization;
using System.Text;
using Seal.Kernels;

namespace Seal.Models.Text.Jinja;

internal enum TokenKind
{
    Data,
    VariableBegin,
    VariableEnd,
    BlockBegin,
    BlockEnd,
    Name,
    String,
    Integer,
    Float,
    Operator,
    End,
}

/// <param name="Text">The data, the name, the operator, or the value of a string literal.</param>
/// <param name="Number">The value of an integer (long) or float (double) literal.</param>
internal readonly record struct Token(TokenKind Kind, string Text, int Line, object? Number = null)
{
    public bool IsName(string name) => Kind == TokenKind.Name && Text == name;

    public bool IsOperator(string symbol) => Kind == TokenKind.Operator && Text == symbol;
}

/// <summary>
/// Cuts a template into tokens as jinja2's lexer does with <c>trim_blocks</c> and <c>lstrip_blocks</c>: the newline behind a
/// block or comment goes, so do the blanks before one that begins its line; '-' takes all white space, '+' leaves it.
/// </summary>
internal sealed class JinjaLexer
{
    // Longest first.
    private static readonly string[] s_operators =
        ["//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}", ">", "<", "=", ".", ":", "|", ",", ";"];

    private readonly string _source;
    private readonly string _name;
    private readonly List<Token> _tokens = [];
    private int _position;
    private int _line = 1;
    private int _lineCountedTo;

    private JinjaLexer(string source, string name)
    {
        // jinja2 reads every kind of line end as "\n" and drops one at the end of the template.
        source = source.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        _source = source.EndsWith('\n') ? source[..^1] : source;
        _name = name;
    }

    public static List<Token> Tokenize(string source, string name)
    {
        JinjaLexer lexer = new(source, name);
        lexer.Run();
        return lexer._tokens;
    }

    private void Run()
    {
        while (_position < _source.Length)
        {
            int tag = NextTag(_position);
            if (tag < 0)
            {
                Add(TokenKind.Data, _source[_position..], _position);
                break;
            }
            char kind = _source[tag + 1];
            char sign = At(tag + 2) is '-' or '+' ? At(tag + 2) : '\0';
            AddData(_source[_position..tag], sign, strips: kind != '{');
            int inside = tag + 2 + (sign == '\0' ? 0 : 1);
            switch (kind)
            {
                case '#':
                    SkipComment(inside, tag);
                    break;
                case '%' when RawBody(inside) is >= 0 and int body:
                    TakeRaw(body, tag);
                    break;
                default:
                    Add(kind == '%' ? TokenKind.BlockBegin : TokenKind.VariableBegin, "", tag);
                    _position = inside;
                    TakeTag(isBlock: kind == '%', tag);
                    break;
            }
        }
        Add(TokenKind.End, "", _source.Length);
    }

    private int NextTag(int from)
    {
        for (int at = _source.IndexOf('{', from); at >= 0; at = _source.IndexOf('{', at + 1))
            if (At(at + 1) is '%' or '{' or '#')
                return at;
        return -1;
    }

    private void AddData(string text, char sign, bool strips)
    {
        if (sign == '-')
            text = text[..PythonText.TrimmedEnd(text)];
        else if (sign != '+' && strips)
        {
            int line = text.LastIndexOf('\n') + 1;
            bool lineBegins = line > 0 || _position == 0 || _source[_position - 1] == '\n';
            if (lineBegins && PythonText.TrimmedEnd(text) <= line)
                text = text[..line];
        }
        if (text.Length > 0)
            Add(TokenKind.Data, text, _position);
    }

    private void SkipComment(int inside, int tag)
    {
        int end = _source.IndexOf("#}", inside, StringComparison.Ordinal);
        if (end < 0)
            throw Error("the comment has no end: #} is missing", tag);
        char sign = end > inside ? _source[end - 1] : '\0';
        _position = AfterBlock(end + 2, sign);
    }

    /// <summary>Where to go on behind a block or comment that ends before <paramref name="position"/>.</summary>
    private int AfterBlock(int position, char sign) => sign switch
    {
        '-' => SkipSpace(position),
        '+' => position,
        _ => At(position) == '\n' ? position + 1 : position,
    };

    /// <summary>Where the body of a raw block begins, or -1 when the tag at <paramref name="inside"/> is not <c>raw</c>.</summary>
    private int RawBody(int inside)
    {
        int word = SkipSpace(inside);
        if (string.CompareOrdinal(_source, word, "raw", 0, 3) != 0)
            return -1;
        int end = SkipSpace(word + 3);
        if (string.CompareOrdinal(_source, end, "-%}", 0, 3) == 0)
            return SkipSpace(end + 3);
        return string.CompareOrdinal(_source, end, "%}", 0, 2) == 0 ? end + 2 : -1;
    }

    private void TakeRaw(int body, int tag)
    {
        for (int end = _source.IndexOf("{%", body, StringComparison.Ordinal); end >= 0; end = _source.IndexOf("{%", end + 2, StringComparison.Ordinal))
        {
            char sign = At(end + 2) is '-' or '+' ? At(end + 2) : '\0';
            int word = SkipSpace(end + 2 + (sign == '\0' ? 0 : 1));
            if (string.CompareOrdinal(_source, word, "endraw", 0, 6) != 0)
                continue;
            int close = SkipSpace(word + 6);
            char closeSign = At(close) is '-' or '+' ? At(close) : '\0';
            int after = close + (closeSign == '\0' ? 0 : 1);
            if (string.CompareOrdinal(_source, after, "%}", 0, 2) != 0)
                continue;
            _position = body;
            AddData(_source[body..end], sign, strips: true);
            _position = AfterBlock(after + 2, closeSign);
            return;
        }
        throw Error("the raw block has no end: {% endraw %} is missing", tag);
    }

    private void TakeTag(bool isBlock, int tag)
    {
        Stack<char> open = new();
        char close = isBlock ? '%' : '}';
        while (_position < _source.Length)
        {
            char c = _source[_position];
            if (open.Count == 0)
            {
                char sign = c == '-' || (c == '+' && isBlock) ? c : '\0';
                int end = _position + (sign == '\0' ? 0 : 1);
                if (At(end) == close && At(end + 1) == '}')
                {
                    Add(isBlock ? TokenKind.BlockEnd : TokenKind.VariableEnd, "", _position);
                    _position = isBlock || sign == '-' ? AfterBlock(end + 2, sign) : end + 2;
                    return;
                }
            }
            if (PythonText.IsSpace(c))
                _position++;
            else if (char.IsAsciiDigit(c))
                TakeNumber();
            else if (c == '_' || char.IsLetter(c))
                TakeName();
            else if (c is '\'' or '"')
                TakeString(c);
            else
                TakeOperator(open);
        }
        throw Error($"the tag has no end: {close}}} is missing", tag);
    }

    private void TakeName()
    {
        int start = _position;
        while (_position < _source.Length && (_source[_position] == '_' || char.IsLetterOrDigit(_source[_position])))
            _position++;
        Add(TokenKind.Name, _source[start.._position], start);
    }

    private void TakeOperator(Stack<char> open)
    {
        foreach (string symbol in s_operators)
        {
            if (string.CompareOrdinal(_source, _position, symbol, 0, symbol.Length) != 0)
                continue;
            if (symbol is "(" or "[" or "{")
                open.Push(symbol[0] switch { '(' => ')', '[' => ']', _ => '}' });
            else if (symbol is ")" or "]" or "}" && (open.Count == 0 || open.Pop() != symbol[0]))
                throw Error($"unexpected '{symbol}'", _position);
            Add(TokenKind.Operator, symbol, _position);
            _position += symbol.Length;
            return;
        }
        throw Error($"unexpected character '{_source[_position]}'", _position);
    }

    private void TakeNumber()
    {
        int start = _position;
        if (_source[start] == '0' && char.ToLowerInvariant(At(start + 1)) is 'x' or 'o' or 'b')
        {
            int radix = char.ToLowerInvariant(At(start + 1)) switch { 'x' => 16, 'o' => 8, _ => 2 };
            _position += 2;
            int digits = _position;
            while (char.IsAsciiHexDigit(At(_position)) || At(_position) == '_')
                _position++;
            try
            {
                Add(TokenKind.Integer, "", start, Convert.ToInt64(_source[digits.._position].Replace("_", "", StringComparison.Ordinal), radix));
            }
            catch (Exception error) when (error is FormatException or OverflowException or ArgumentException)
            {
                throw Error($"'{_source[start.._position]}' is no number", start);
            }
            return;
        }
        SkipDigits();
        bool isFloat = false;
        bool afterDot = start > 0 && _source[start - 1] == '.';
        if (!afterDot && At(_position) == '.' && char.IsAsciiDigit(At(_position + 1)))
        {
            isFloat = true;
            _position++;
            SkipDigits();
        }
        int exponent = _position + 1 + (At(_position + 1) is '+' or '-' ? 1 : 0);
        if (!afterDot && At(_position) is 'e' or 'E' && char.IsAsciiDigit(At(exponent)))
        {
            isFloat = true;
            _position = exponent;
            SkipDigits();
        }
        string text = _source[start.._position].Replace("_", "", StringComparison.Ordinal);
        if (isFloat)
            Add(TokenKind.Float, text, start, double.Parse(text, CultureInfo.InvariantCulture));
        else if (long.TryParse(text, CultureInfo.InvariantCulture, out long value))
            Add(TokenKind.Integer, text, start, value);
        else
            throw Error($"the number {text} is too large", start);

        void SkipDigits()
        {
            while (char.IsAsciiDigit(At(_position)) || (At(_position) == '_' && char.IsAsciiDigit(At(_position + 1))))
                _position++;
        }
    }

    /// <summary>A string literal with Python's escapes; an unknown escape stays as it is written.</summary>
    private void TakeString(char quote)
    {
        int start = _position++;
        StringBuilder value = new();
        while (At(_position) != quote)
        {
            if (_position >= _source.Length)
                throw Error("the string has no end", start);
            char c = _source[_position++];
            if (c != '\\')
            {
                value.Append(c);
                continue;
            }
            char escape = At(_position++);
            switch (escape)
            {
                case '\n': break;
                case '\\' or '\'' or '"': value.Append(escape); break;
                case 'n': value.Append('\n'); break;
                case 't': value.Append('\t'); break;
                case 'r': value.Append('\r'); break;
                case 'a': value.Append('\a'); break;
                case 'b': value.Append('\b'); break;
                case 'f': value.Append('\f'); break;
                case 'v': value.Append('\v'); break;
                case 'x': value.Append((char)Hex(2)); break;
                case 'u': value.Append((char)Hex(4)); break;
                case 'U':
                    int point = Hex(8);
                    value.Append(Rune.IsValid(point) ? new Rune(point).ToString() : throw Error($"\\U{point:X8} is no character", start));
                    break;
                case >= '0' and <= '7':
                    int code = escape - '0';
                    for (int digits = 1; digits < 3 && At(_position) is >= '0' and <= '7'; digits++)
                        code = code * 8 + (_source[_position++] - '0');
                    value.Append((char)code);
                    break;
                default:
                    value.Append('\\').Append(escape);
                    break;
            }
        }
        _position++;
        Add(TokenKind.String, value.ToString(), start);

        int Hex(int digits)
        {
            if (_position + digits > _source.Length
                || !int.TryParse(_source.AsSpan(_position, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int code))
                throw Error($"an escape in the string needs {digits} hexadecimal digits", start);
            _position += digits;
            return code;
        }
    }

    private int SkipSpace(int position)
    {
        while (position < _source.Length && PythonText.IsSpace(_source[position]))
            position++;
        return position;
    }

    private char At(int position) => position < _source.Length ? _source[position] : '\0';

    private void Add(TokenKind kind, string text, int at, object? number = null) => _tokens.Add(new Token(kind, text, LineOf(at), number));

    private int LineOf(int position)
    {
        if (position > _lineCountedTo)
        {
            _line += _source.AsSpan(_lineCountedTo, position - _lineCountedTo).Count('\n');
            _lineCountedTo = position;
        }
        return _line;
    }

    private SealException Error(string message, int position) => new($"{_name}, line {LineOf(position)}: {message}");
}
