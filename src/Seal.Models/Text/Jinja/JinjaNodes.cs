namespace Seal.Models.Text.Jinja;

internal abstract record Node(int Line);

internal abstract record Expression(int Line) : Node(Line);

internal sealed record Constant(int Line, object? Value) : Expression(Line);

internal sealed record NameReference(int Line, string Name) : Expression(Line);

/// <summary>The target of <c>set ns.name = …</c>.</summary>
internal sealed record NamespaceTarget(int Line, string Name, string Attribute) : Expression(Line);

internal sealed record Sequence(int Line, IReadOnlyList<Expression> Items, bool IsTuple) : Expression(Line);

internal sealed record Mapping(int Line, IReadOnlyList<(Expression Key, Expression Value)> Items) : Expression(Line);

internal sealed record GetAttribute(int Line, Expression Target, string Name) : Expression(Line);

internal sealed record GetItem(int Line, Expression Target, Expression Key) : Expression(Line);

internal sealed record Slice(int Line, Expression? Start, Expression? Stop, Expression? Step) : Expression(Line);

/// <param name="Spread">The expression behind '*'.</param>
/// <param name="NamedSpread">The expression behind '**'.</param>
internal sealed record CallArguments(
    IReadOnlyList<Expression> Positional,
    IReadOnlyList<(string Name, Expression Value)> Named,
    Expression? Spread,
    Expression? NamedSpread)
{
    public static readonly CallArguments None = new([], [], null, null);
}

internal sealed record Call(int Line, Expression Target, CallArguments Arguments) : Expression(Line);

/// <param name="Target">Null in a filter block, where the block's text is filtered.</param>
internal sealed record Filter(int Line, Expression? Target, string Name, CallArguments Arguments) : Expression(Line);

internal sealed record Test(int Line, Expression Target, string Name, CallArguments Arguments) : Expression(Line);

internal sealed record Unary(int Line, string Operator, Expression Operand) : Expression(Line);

internal sealed record Binary(int Line, string Operator, Expression Left, Expression Right) : Expression(Line);

internal sealed record Logical(int Line, bool IsAnd, Expression Left, Expression Right) : Expression(Line);

internal sealed record Comparison(int Line, Expression First, IReadOnlyList<(string Operator, Expression Right)> Rest) : Expression(Line);

internal sealed record Concatenation(int Line, IReadOnlyList<Expression> Items) : Expression(Line);

internal sealed record Conditional(int Line, Expression Condition, Expression Then, Expression? Else) : Expression(Line);

internal abstract record Statement(int Line) : Node(Line);

internal sealed record Data(int Line, string Text) : Statement(Line);

internal sealed record Output(int Line, Expression Value) : Statement(Line);

internal sealed record For(
    int Line,
    Expression Target,
    Expression Items,
    Expression? Condition,
    bool IsRecursive,
    IReadOnlyList<Statement> Body,
    IReadOnlyList<Statement> Else) : Statement(Line);

internal sealed record If(int Line, IReadOnlyList<(Expression Condition, IReadOnlyList<Statement> Body)> Branches, IReadOnlyList<Statement> Else) : Statement(Line);

internal sealed record Set(int Line, Expression Target, Expression Value) : Statement(Line);

internal sealed record SetBlock(int Line, Expression Target, Filter? Filter, IReadOnlyList<Statement> Body) : Statement(Line);

/// <param name="Parameters">Those with a default (not null) stand last.</param>
internal sealed record Macro(int Line, string Name, IReadOnlyList<(string Name, Expression? Default)> Parameters, IReadOnlyList<Statement> Body) : Statement(Line);

/// <summary><c>{% call(parameters) macro(…) %}</c>: the body is what the macro finds as <c>caller</c>.</summary>
internal sealed record CallBlock(int Line, Call Call, Macro Caller) : Statement(Line);

internal sealed record FilterBlock(int Line, Filter Filter, IReadOnlyList<Statement> Body) : Statement(Line);

internal sealed record With(int Line, IReadOnlyList<(Expression Target, Expression Value)> Bindings, IReadOnlyList<Statement> Body) : Statement(Line);

internal sealed record LoopControl(int Line, bool IsBreak) : Statement(Line);
