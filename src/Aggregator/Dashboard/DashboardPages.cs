using FedQueue.Aggregator.Api;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Radzen;

namespace FedQueue.Aggregator.Dashboard;

/// <summary>The dashboard: pages that the server draws and keeps up to date over one connection; nothing is fetched from elsewhere.</summary>
internal static class DashboardPages
{
    public static WebApplicationBuilder AddDashboard(this WebApplicationBuilder builder)
    {
        // Also when the program runs from its build folder and not in development.
        builder.WebHost.UseStaticWebAssets();
        builder.Services.AddRazorComponents().AddInteractiveServerComponents();
        builder.Services.AddHostedService<FirstPage>();
        builder.Services.AddCascadingAuthenticationState().AddRadzenComponents();

        builder.Services.AddDataProtection().SetApplicationName("FedQueue");
        builder.Services.AddSingleton<IConfigureOptions<KeyManagementOptions>, DatabaseKeys>();
        builder.Logging.AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error);
        return builder;
    }

    public static void UseDashboard(this WebApplication app)
    {
        app.UseAntiforgery();
        app.MapStaticAssets();
        app.MapRazorComponents<App>().AddInteractiveServerRenderMode().RequireAuthorization(ApiKey.Read);
        app.MapGet("/sign-in", (string? to) => Page(to, refused: false)).ExcludeFromDescription();
        app.MapPost("/sign-in", SignIn).ExcludeFromDescription().DisableAntiforgery();
    }

    private static IResult SignIn(HttpContext context, [FromForm] string key, [FromForm] string? to, IOptions<ApiOptions> options)
    {
        if (options.Value.Key is not { Length: > 0 } right || !ApiKey.Same(key, right))
            return Page(to, refused: true);

        context.Response.Cookies.Append(ApiKey.Cookie, ApiKey.CookieOf(right), new CookieOptions
        {
            HttpOnly = true,
            SameSite = SameSiteMode.Strict,
            Secure = context.Request.IsHttps,
            MaxAge = TimeSpan.FromDays(30),
        });
        return Results.LocalRedirect(Local(to));
    }

    private static RazorComponentResult<SignIn> Page(string? to, bool refused) =>
        new(new { To = Local(to), Refused = refused });

    /// <summary>A page of this server, whatever was asked for.</summary>
    private static string Local(string? to) => to is ['/', not ('/' or '\\'), ..] ? to : "/";
}
